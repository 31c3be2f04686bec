"""Ramps: they grow with the input on the right and, most of them, level off on the left."""

from ..numbers.types import Number
from ..primitives import (
    abs_,
    algebraic,
    exp,
    expm1,
    in_floats,
    kink,
    log1p,
    maximum,
    root_gap,
    root_ramp,
    softplus,
    sqrt,
    where,
)
from .parameters import NonNegative, Positive, Real
from .registry import activation

FAMILY = "ramp"


@activation(
    family=FAMILY,
    source="course notes",
    notes=(
        "Gradient at 0: 0 in PyTorch ReLU and JAX relu, but 1/2 in their maximum(x, 0).",
        "Keras relu has arguments for a leak, a cap and a threshold, all off by default.",
    ),
)
def relu(x: Number) -> Number:
    """The rectified linear unit: the input where it is positive, else 0.

    For standard normal inputs its mean is 1/sqrt(2 pi) = 0.398942.
    At the kink 0 the gradient counts as 0.
    """
    return where(x > 0, x, 0)


@activation(
    family=FAMILY,
    source="PyTorch JAX Keras",
    notes=("Gradient at 0 and 6: 0 in PyTorch and JAX too.",),
)
def relu6(x: Number) -> Number:
    """A ReLU that stops at 6.

    It is 6 from 6 on: 7 becomes 6, 5 stays 5.
    At the kinks 0 and 6 the gradient counts as 0.
    """
    return where(x <= 0, 0, where(x >= 6, 6, x))


@activation(
    family=FAMILY,
    aliases="brelu",
    source="Liew et al. 2016",
    notes=("Keras: relu with max_value=cap.",),
)
def bounded_relu(x: Number, cap: NonNegative = 1) -> Number:
    """A ReLU that stops at cap.

    By default it is 1 from 1 on; with cap = 6 it is relu6.
    At the kinks 0 and cap the gradient counts as 0.
    """
    return where(x <= 0, 0, where(x >= kink(cap, x), cap, x))


@activation(
    family=FAMILY,
    aliases="leakyrelu lrelu",
    source="course notes; Maas et al. 2013",
    notes=(
        "Slope 0.01: PyTorch LeakyReLU, JAX leaky_relu, ONNX LeakyRelu.",
        "Slope 0.2: TensorFlow leaky_relu, Keras 3 function leaky_relu.",
        "Slope 0.3: the Keras layer LeakyReLU.",
        "Gradient at 0: the slope in PyTorch, 1 in JAX.",
    ),
)
def leaky_relu(x: Number, slope: Real = 0.01) -> Number:
    """A ReLU with a small slope on the left, so that no unit is ever without gradient.

    By default -100 becomes -1.
    At the kink 0 the gradient counts as the slope of the left side, by default 0.01.
    """
    return where(x > 0, x, slope * x)


@activation(
    family=FAMILY,
    source="He et al. 2015",
    notes=("Learning starts from 0.25 in PyTorch PReLU, from 0 in Keras PReLU.",),
)
def prelu(x: Number, slope: Real = 0.25) -> Number:
    """A leaky ReLU whose slope is learned; here it is given.

    By default -4 becomes -1.
    At the kink 0 the gradient counts as the slope of the left side, by default 0.25.
    """
    return where(x > 0, x, slope * x)


@activation(
    family=FAMILY,
    source="Xu et al. 2015 (evaluation mode)",
    requires=(("lower", "upper"),),
    notes=("PyTorch RReLU has the same bounds and, after eval(), the same mean slope.",),
)
def rrelu(x: Number, lower: Real = "1/8", upper: Real = "1/3") -> Number:
    """A leaky ReLU whose slope is drawn at random in training; here with the mean slope.

    By default that is 11/48 = 0.229167.
    At the kink 0 the gradient counts as the slope of the left side.
    """
    return where(x > 0, x, (lower + upper) / 2 * x)


@activation(
    family=FAMILY,
    aliases="thresholded_relu",
    source="PyTorch; ONNX ThresholdedRelu",
    notes=(
        "PyTorch Threshold and Keras 3 threshold have no defaults for threshold and value.",
        "ONNX ThresholdedRelu (alpha) and Keras 2 ThresholdedReLU (theta): 1 by default, value 0.",
    ),
)
def threshold(x: Number, threshold: Real = 1, value: Real = 0) -> Number:
    """The input above the threshold, a fixed value up to it.

    By default it jumps at 1, from 0 to 1; 1 itself becomes 0.
    At the threshold the gradient counts as 0: a jump, or a kink where value equals it.
    """
    return where(x > kink(threshold, x, value - threshold), x, value)


@activation(
    family=FAMILY,
    source="course notes; Clevert et al. 2015",
    notes=(
        "alpha = 1 by default in PyTorch, JAX, Keras and ONNX.",
        "Gradient at 0: alpha in PyTorch and JAX too.",
    ),
)
def elu(x: Number, alpha: Real = 1) -> Number:
    """The identity right of 0; left of it an exponential that levels off at -alpha.

    By default it is 1/e - 1 = -0.632121 at -1.
    At 0 the gradient counts as alpha: a kink unless alpha is 1, then smooth once.
    """
    return where(x > 0, x, alpha * expm1(x))


@activation(
    family=FAMILY,
    source="Barron 2017",
    notes=("alpha = 1 by default in PyTorch, JAX, Keras and ONNX; then it is the ELU.",),
)
def celu(x: Number, alpha: Positive = 1) -> Number:
    """An ELU whose gradient is continuous for every alpha.

    With alpha = 2 it is -0.786939 at -1 and levels off at -2.
    Smooth once: the gradient at 0 is 1, where the curvature jumps from 1/alpha to 0.
    """
    return where(x > 0, x, alpha * expm1(x / alpha))


@activation(
    family=FAMILY,
    source="Klambauer et al. 2017",
    notes=("ONNX Selu rounds its constants to float32: 1.6732631921768188, 1.0507010221481323.",),
)
def selu(
    x: Number,
    alpha: Real = "1.6732632423543772848170429916717",
    scale: Real = "1.0507009873554804934193349852946",
) -> Number:
    """A scaled ELU whose two constants carry mean 0 and variance 1 from layer to layer.

    By default it levels off at -scale*alpha = -1.758099 on the left.
    At the kink 0 the gradient counts as scale*alpha, by default 1.758099; right of 0 it is scale.
    """
    return where(x > 0, scale * x, scale * alpha * expm1(x))


@activation(
    family=FAMILY,
    aliases="soft_plus",
    source="course notes; Dugas et al. 2001",
    notes=(
        "PyTorch Softplus returns x itself where beta*x is above 20, which is up to 2.1e-09 off.",
        "JAX and Keras softplus have no beta.",
    ),
)
def softplus_(x: Number, beta: Positive = 1) -> Number:
    """A ReLU without the corner: log(1 + exp(beta x))/beta.

    It is log(2)/beta at 0, by default 0.693147, and nowhere farther from the ReLU.
    Infinitely smooth.
    """
    return softplus(beta * x) / beta


@activation(family=FAMILY, aliases="logsigmoid log_expit", source="PyTorch JAX Keras")
def log_sigmoid(x: Number) -> Number:
    """The logarithm of the logistic function: a softplus turned half round, never positive.

    It is -log(2) = -0.693147 at 0, and nears 0 on the right and x on the left.
    Infinitely smooth.
    """
    return -softplus(-x)


@activation(
    family=FAMILY,
    source="Barron 2021",
    notes=("b = 4 by default in JAX and Keras 3.",),
)
def squareplus(x: Number, b: NonNegative = 4) -> Number:
    """A softplus without exp: half the sum of x and the root of x^2 + b.

    It is sqrt(b)/2 at 0; with b = 4 the curvature there is 1/4, that of the softplus.
    Infinitely smooth unless b = 0, which makes it the ReLU.
    """
    return where(b > 0, sqrt(b) * root_ramp(x / sqrt(b)), relu(x))


@activation(family=FAMILY, source="JAX", notes=("JAX and Keras 3; smelu with beta = 1.",))
def sparse_plus(x: Number) -> Number:
    """A ReLU whose corner is a parabola between -1 and 1.

    It is 1/4 at 0, and nowhere farther from the ReLU.
    Smooth once: the curvature is 1/2 between -1 and 1 and jumps to 0 there.
    """
    return where(x <= -1, 0, where(x < 1, (x + 1) ** 2 / 4, x))


@activation(family=FAMILY, source="Shamir et al. 2020")
def smelu(x: Number, beta: NonNegative = 2) -> Number:
    """A ReLU whose corner is a parabola between -beta and beta.

    It is beta/4 at 0, by default 1/2, and nowhere farther from the ReLU.
    Smooth once: the curvature is 1/(2 beta) between -beta and beta and jumps to 0 there.
    With beta = 0 it is the ReLU.
    """
    low, high = kink(-beta, x), kink(beta, x)
    bent = where(x <= low, 0, where(x < high, (x + beta) ** 2 / (4 * beta), x))
    return where(beta > 0, bent, relu(x))


@activation(family=FAMILY, aliases="sqrtsoftplus", source="Hugging Face")
def sqrt_softplus(x: Number) -> Number:
    """The square root of the softplus: it grows like sqrt(x).

    It is sqrt(log(2)) = 0.832555 at 0.
    Infinitely smooth.
    """
    root = sqrt(softplus(x))
    return in_floats(root, lambda: where(x < -80, exp(x / 2), root))


@activation(
    family=FAMILY,
    aliases="relu2",
    source="So et al. 2021 (Primer)",
    notes=("Hugging Face calls it relu2.",),
)
def squared_relu(x: Number) -> Number:
    """The square of the ReLU: the larger the input, the larger the gradient.

    At 3 it is 9 with gradient 6.
    Smooth once: the curvature jumps from 0 to 2 at 0.
    """
    return maximum(0, x) ** 2


@activation(
    family=FAMILY,
    aliases="starrelu",
    source="Yu et al. 2022 (MetaFormer)",
    notes=("scale and bias are 2/sqrt(5) and -1/sqrt(5) to four digits.",),
)
def star_relu(x: Number, scale: Real = 0.8944, bias: Real = -0.4472) -> Number:
    """The squared ReLU, scaled and moved to mean 0 and variance 1 for normal inputs.

    By default it is -0.4472 up to 0 and crosses 0 at 0.707107.
    Smooth once: the curvature jumps from 0 to 2*scale at 0.
    """
    return scale * maximum(0, x) ** 2 + bias


@activation(family=FAMILY, source="Carlile et al. 2017")
def isrlu(x: Number, alpha: NonNegative = 1) -> Number:
    """The identity on the right; on the left the isru, which levels off at -1/sqrt(alpha).

    By default -0.75 becomes -0.6.
    Smooth twice: the third derivative jumps from -3*alpha to 0 at 0. With alpha = 0 it is x.
    """
    return where(alpha > 0, where(x >= 0, x, algebraic(sqrt(alpha) * x) / sqrt(alpha)), x)


@activation(family=FAMILY, source="Trottier et al. 2016")
def pelu(x: Number, a: Positive = 1, b: Positive = 1) -> Number:
    """An ELU with two learned parameters, whose slopes agree at 0.

    It levels off at -a; with a = 2 and b = 4 it is -2*(1 - 1/e) = -1.264241 at -4.
    Smooth once: the gradient at 0 is a/b, where the curvature jumps from a/b^2 to 0.
    """
    return where(x >= 0, x * a / b, a * expm1(x / b))


@activation(
    family=FAMILY,
    source="Zhang and Li 2018",
    notes=("With these six-digit constants the mean for standard normal inputs is 1.8e-07.",),
)
def serlu(x: Number, alpha: Real = 2.90427, scale: Real = 1.07862) -> Number:
    """The identity on the right, x exp(x) on the left, scaled to normalise itself.

    By default its minimum is -1.152421, at -1.
    At the kink 0 the gradient counts as scale, that of the right side, by default 1.07862.
    """
    return where(x >= 0, scale * x, scale * alpha * x * exp(x))


@activation(
    family=FAMILY, aliases="s_relu", source="Jin et al. 2015", requires=(("left", "right"),)
)
def srelu(
    x: Number,
    left: Real = -1,
    right: Real = 1,
    left_slope: Real = 0.2,
    right_slope: Real = 0.4,
) -> Number:
    """Three straight pieces: the identity in the middle, other slopes outside.

    By default -6 becomes -2 and 6 becomes 3.
    At the kinks left and right the gradient counts as that of the outer side: 0.2 and 0.4.
    """
    return where(
        x <= kink(left, x),
        left + left_slope * (x - left),
        where(x >= kink(right, x), right + right_slope * (x - right), x),
    )


@activation(family=FAMILY, source="Liu et al. 2019")
def nlrelu(x: Number, beta: Positive = 1) -> Number:
    """The logarithm of a ReLU: large inputs are compressed.

    By default it is log(2) = 0.693147 at 1 and only 6.907755 at 999.
    At the kink 0 the gradient counts as 0.
    """
    return log1p(beta * maximum(0, x))


@activation(family=FAMILY, source="folklore")
def bent_identity(x: Number) -> Number:
    """The identity bent by half a hyperbola: slope 1/2 on the left, 3/2 on the right.

    At 0 it is 0 with gradient 1; at 1 it is 1.207107.
    Infinitely smooth.
    """
    return root_gap(x) / 2 + x


@activation(
    family=FAMILY,
    aliases="linear",
    source="all libraries",
    notes=("Keras and Hugging Face call it linear.",),
)
def identity(x: Number) -> Number:
    """The input itself: no activation at all.

    Its gradient is 1 everywhere.
    Infinitely smooth.
    """
    return x


@activation(family=FAMILY, source="PyTorch", notes=("Gradient at 0: 0 in PyTorch, 1 in JAX.",))
def abs__(x: Number) -> Number:
    """The size of the input, without its sign.

    -3 becomes 3, and the gradient is -1 there.
    At the kink 0 the gradient counts as 0.
    """
    return abs_(x)
