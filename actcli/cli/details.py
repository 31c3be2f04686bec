"""What help and the manual page tell of a command below its options: definitions, rules, limits.

Paragraphs are parted by empty lines; click keeps the lines of one that starts with a backspace.
"""

from ..property_meanings import MEANINGS

DETAILS = {
    "list": """
FUNCTION names one to be shown in full: what it does, its formula, parameters, aliases, the gradient
at its kinks, and where other libraries mean something else by the name.

On a terminal a list longer than it is shown by the program in PAGER (less; PAGER= for none).
""",
    "table": """
A file may be text (numbers between white space, commas or newlines; lines that start with # are
skipped) or .npy, each also compressed as .gz. A first line without numbers is a header. Where commas
are decimal, the error says so, and --decimal , reads them. nan gives nan, infinities give the limits.

Numbers from a pipe are answered as they come; a pipe that is not read is told. The formats for
programs carry every digit; the suffix of FILE (.tsv, .csv, .json, .jsonl, .md, .tex, .npy) chooses one,
and others are refused.
""",
    "plot": """
Kinks are marked, a jump has an open and a filled dot, asymptotes are dashed, dead zones are hatched.
A curve that leaves its panel is marked there; if most of it is out of sight, a note says which
--yscale shows it. With --approx the exact function stands behind, and a strip below shows the error.

--context paper is for a journal: 7 to 8 point type, thin lines, no grid; talk is for a slide, on which
type and lines grow with the picture. Text stays text in .svg and .pdf. The files of two runs are equal
byte by byte.
""",
    "compare": """
The interval that is printed holds the largest difference, proved by interval arithmetic. --facts are
family, formula, range, monotonicity, smoothness, mean, saturation, dead zone, gain and cost. The
cost is in operations of the value, and in those that the gradient takes.
""",
    "check-properties": """
proved: certain for every finite double, by interval arithmetic; refuted: it fails, with a place that
shows it (no reproach: a ReLU is not bounded); undecided: neither could be shown; measured: a count, a
sample or an average without a proved bound, which --require takes as met.

{meanings}
""",
    "page": """
A slider and a box for each parameter redraw value, gradient, curvature and difference; x follows the
pointer, and its digits are those of `table`. What happens to a signal in fifty layers is drawn for
weights of your choice. The properties stand below, their witnesses as buttons, and each section names
the command that says the same. The address keeps what you see. The page prints on paper, too.
""",
    "neuron": """
With --fit the sentences below the table say what was learned, how many rows are on the right side,
and, where no single neuron can tell the classes apart, why: a point that lies among both.
""",
    "train-toy": """
circle to moons are points of two classes, plane and gaussians regression; recall, parity, digit-sum
and wave sequences, of topology memory; karate and blocks graphs; patterns an associative memory.
evolution, random-search and hebbian learn without gradients. A seed gives the same numbers whether it
runs alone or among a hundred, and with any number of processes.

--init playground draws weights from -0.5 to 0.5; gain scales them by the function's own gain. A loss
that is no longer finite ends that seed alone. Ctrl-C prints what was reached, with status 130.

--pairs: difference is the median of a - b over seeds, between two ends that hold it with 95 %; wins
are the seeds where a is better; p_value is that of an exact sign test. --learn adds what was learned
to the records, and to a figure each function before and after. --experiment says whether what is
measured agrees with a published or otherwise known number. --processes and --dask share functions,
settings and seeds in blocks of 100 seeds.
""",
    "audit": """
Definitions. {definitions} nan, and y that is not 0 where t is 0 exactly, have no ulps but columns of
their own, and fail every limit.

IMPLEMENTATION gets what it is made for: arrays of numpy or jax, tensors of torch, as in
torch.nn.functional:gelu:approximate=tanh, or pointers of C by its --signature. A dtype that it
refuses is a row that says why. Modules are found in this directory, too.

What is wrong is named only where nothing else explains the results: cancellation, overflow-inside T,
cut-at T, another-function NAME, another-parameter NAME=VALUE, rounds-twice, flushes-subnormals,
computed-step-by-step, depends-on-place, wrong-sign, outside-range or not-monotonic.

float32 and float64 are tried on a hard sample unless --samples, --every or --exhaustive ask for more:
all 2^32 numbers of float32 take minutes. The bytes printed are the same with any number of processes.
After Ctrl-C, or when a machine fails, the same command with --resume goes on; a FILE of another
implementation, version or format is refused, and a block that ends three workers is named. --dask
needs pip install 'actcli[cluster]', and workers with --nthreads 1.

Trust: an audit runs the code that you name, with your rights. That it has a process of its own, and
ends in one line with status 2 if the code crashes, hangs, prints or forges answers, guards the audit,
not the machine: audit only what you would run. A formula is never executed as Python.
""",
    "summary": """
dead: the input lies where the function is constant; dead_units: units with every input there;
saturated: |f'| is below 0.01 and not dead; alive: the rest; linear_share: how much of the output's
variance a straight line explains; gradient_factor: the root of the mean of f'^2, by which a gradient
is scaled; suggestion: the function, without dead units and with bounded gradients, for which that is
nearest 1. nan and infinite inputs are counted and left out.

Files of any size are read once, in constant memory. .safetensors needs pip install
'actcli[safetensors]'.
""",
    "approximate": """
The formula that is printed first can be typed as a FUNCTION of every command. The error is that of its
coefficients as printed, in exact arithmetic, proved. Of its kind no approximation is below the bound
in the last sentence (de la Vallee-Poussin). basis is chebyshev where powers of x would lose digits.

Without -r it holds on the whole line: asymptotes continue it outside of [-R, R], with R where both
errors meet. --by piecewise finds the fewest segments for an --error, or the best for --segments N, with
breakpoints that are found; on the whole line the outer two run along the asymptotes. On a grid of
--coefficients the best are searched, not only rounded, and segments meet only to within its steps.
--by with a formula finds its own names, from -p NAME=VALUE on if given, with --relative and on a grid of
--coefficients too; on the whole line only those with its tails count: a*gelu(b*x) is near x if a is 1/b.

--to c -o gelu.c writes it as code, as `export` does; `actcli audit gelu ./gelu.c:gelu --signature
'double(double)'` then holds the code against the function. Both errors are apart: that of the design in
exact arithmetic, and that of the code in ulps.

--dtype int8 and uint8 make 256 codes, each proved to be rounded correctly: round(f(S (q - Z))/S'), then
+ Z', then clamped. Scales mean what is written; those that are not given are float32, as frameworks
have them, and as tight as -r (-8:8) allows, with 1/256 and 1/128 for the outputs of logistic and tanh.
--to writes the code that looks them up, and a picture has the steps, and the error of each code.
""",
    "export": """
C, numpy, torch, jax, triton and js get F, F_gradient and F_value_and_gradient (and F_curvature), onnx a
model, latex a formula. The tails are right, no x*x overflows early, and nan and infinities give what
`table` prints. torch and jax differentiate it to that gradient, and twice with --order 2; they raise
where a derivative is not written.

--check tries 4,000 inputs, tails included: measured means within 8 units in the last place (16 for
js, torch and onnx); refuted is worse; undecided has nothing here that runs it; both are exit status
1. Where the function oscillates, and beside roots, a unit is that of the larger of |f| and |x f'|.
`actcli audit gelu TARGET:c` tells more.
""",
}


def details(name: str | None) -> str:
    """The paragraphs of a command, "" if it has none."""
    text = DETAILS.get(name or "", "").strip("\n")
    if "{definitions}" in text:
        from ..audits import DEFINITIONS

        text = text.format(definitions=DEFINITIONS)
    meanings = "".join(f"\n{question:<19} {meaning}" for question, meaning in MEANINGS.items())
    return text.replace("{meanings}", f"\b{meanings}")
