"""Names that functions may have in each language: no word of it, nothing that its library has."""

import keyword
import re

MATH = frozenset(
    """
    acos acosh asin asinh atan atan2 atanh cabs cacos cacosh carg casin casinh catan catanh cbrt
    ccos ccosh ceil cexp cimag clog conj copysign cos cosh cpow cproj creal csin csinh csqrt
    ctan ctanh erf erfc exp exp2 expm1 fabs fdim floor fma fmax fmin fmod frexp hypot ilogb
    ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround modf nan nearbyint
    nextafter nexttoward pow remainder remquo rint round scalbln scalbn sin sinh sqrt tan tanh
    tgamma trunc
    """.split()  # noqa: SIM905
)  # each with float's and long double's, which end in f and l
LIBRARY = frozenset(
    """
    abort abs aligned_alloc asctime at_quick_exit atexit atof atoi atol atoll bsearch calloc
    clearerr clock ctime difftime div exit fclose feof ferror fflush fgetc fgetpos fgets fopen
    fprintf fputc fputs fread free freopen fscanf fseek fsetpos ftell fwrite getc getchar getenv
    gmtime isalnum isalpha isblank iscntrl isdigit isgraph islower isprint ispunct isspace
    isupper isxdigit labs ldiv llabs lldiv localeconv localtime longjmp malloc mblen mbstowcs
    mbtowc memchr memcmp memcpy memmove memset mktime perror printf putc putchar puts qsort
    quick_exit raise rand realloc remove rename rewind scanf setbuf setjmp setlocale setvbuf
    signal snprintf sprintf srand sscanf strcat strchr strcmp strcoll strcpy strcspn strerror
    strftime strlen strncat strncmp strncpy strpbrk strrchr strspn strstr strtod strtof strtok
    strtol strtold strtoll strtoul strtoull strxfrm system time timespec_get tmpfile tmpnam
    tolower toupper ungetc vfprintf vfscanf vprintf vscanf vsnprintf vsprintf vsscanf wcstombs
    wctomb
    FP_ILOGB0 FP_ILOGBNAN FP_INFINITE FP_NAN FP_NORMAL FP_SUBNORMAL FP_ZERO HUGE_VAL HUGE_VALF
    HUGE_VALL INFINITY MATH_ERREXCEPT MATH_ERRNO NAN NULL EOF fpclassify isfinite isgreater
    isgreaterequal isinf isless islessequal islessgreater isnan isnormal isunordered
    math_errhandling signbit errno assert stdin stdout stderr I
    """.split()  # noqa: SIM905
)
GLIBC = frozenset(
    """
    gamma signgam drem significand finite j0 j1 jn y0 y1 yn sincos exp10 pow10 scalb index step advance
    clog10 roundeven gamma_r lgamma_r alloca bcmp bcopy bzero dcgettext dgettext gettext execl execle
    execlp execv execve execvp feclearexcept fegetenv fegetexceptflag fegetround feholdexcept
    feraiseexcept fesetenv fesetexceptflag fesetround fetestexcept feupdateenv ffs ffsimax ffsl ffsll
    fork fprintf_unlocked fputc_unlocked fputs_unlocked fwrite_unlocked imaxabs isascii iswalnum
    iswalpha iswblank iswcntrl iswdigit iswgraph iswlower iswprint iswpunct iswspace iswupper iswxdigit
    mempcpy posix_memalign printf_unlocked putc_unlocked putchar_unlocked puts_unlocked rindex stpcpy
    stpncpy strcasecmp strdup strfmon strncasecmp strndup strnlen toascii towlower towupper
    imaxdiv iswctype strtoimax strtoumax towctrans wcstoimax wcstoumax wctrans wctype
    """.split()  # noqa: SIM905
)  # a shared library that calls its own step gets this one, and GCC knows the types of some
C_WORDS = frozenset(
    """
    main auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef union
    unsigned void volatile while asm typeof alignas alignof bool constexpr false nullptr static_assert
    thread_local true linux unix complex imaginary
    catch class const_cast decltype delete dynamic_cast explicit export friend mutable namespace new
    noexcept operator private protected public reinterpret_cast static_cast template this throw try
    typeid typename using virtual wchar_t and or not xor bitand bitor compl
    """.split()  # noqa: SIM905
)  # and C++'s, as kernels are included there
JS_NAMES = frozenset(
    """
    await break case catch class const continue debugger default delete do else enum export extends
    false finally for function if implements import in instanceof interface let new null package
    private protected public return static super switch this throw true try typeof var void while
    with yield arguments eval Math NaN Infinity undefined
    """.split()  # noqa: SIM905
)
PYTHON_NAMES = frozenset((*keyword.kwlist, "np", "torch", "jnp", "jax", "tl", "triton", "libdevice",
                          "tuple", "isinstance", "float", "staticmethod"))  # fmt: skip


def taken(target: str, name: str) -> bool:
    """Whether a language, or its library, has the name already."""
    if target == "c":
        plain = re.sub(r"(_r)?([fl]|[fd](16|32x?|64x?|128))?(_r)?$", "", name)  # and of all lengths
        return name in C_WORDS | LIBRARY or bool(
            {name, plain} & (GLIBC | MATH | {"isinf", "isnan", "signbit"})
        )
    if target in ("onnx", "latex"):
        return False
    return name in (JS_NAMES if target == "js" else PYTHON_NAMES)


def safe_name(target: str, name: str) -> str:
    """A name for the function that clashes with nothing: tanh is tanh_activation in C.

    Names of what is inside of files end with an underscore.
    """
    plain = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)
    plain = plain.strip("_")
    if not plain or plain[0].isdigit():
        plain = f"f_{plain}".strip("_")
    return f"{plain}_activation" if taken(target, plain) else plain
