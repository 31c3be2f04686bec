"""Values and gradients that the libraries themselves return, and which means what by a name.

Printed in float64 by PyTorch 2.13, JAX 0.10, Keras 3.15, onnx 1.23 and Hugging Face transformers
5.23 for the functions that the labels stand for; none of them is needed to run this.
"""

import numpy as np
import pytest

import actcli
from actcli.functions.catalogue import find

VALUES = [  # library, label here, x, value, gradient
    ("PyTorch", "logistic", -1.3, 0.2141650169574414, 0.16829836246906024),
    ("PyTorch", "logistic", 0.7, 0.6681877721681662, 0.22171287329310904),
    ("PyTorch", "tanh", -1.3, -0.8617231593133063, 0.25743319670309406),
    ("PyTorch", "tanh", 0.7, 0.6043677771171635, 0.6347395899824586),
    ("PyTorch", "hard_tanh", -1.3, -1.0, 0.0),
    ("PyTorch", "hard_tanh", 0.7, 0.7, 1.0),
    ("PyTorch", "softsign", -1.3, -0.5652173913043479, 0.1890359168241966),
    ("PyTorch", "softsign", 0.7, 0.4117647058823529, 0.34602076124567477),
    ("PyTorch", "arctan", -1.3, -0.9151007005533605, 0.3717472118959107),
    ("PyTorch", "arctan", 0.7, 0.6107259643892086, 0.6711409395973155),
    ("PyTorch", "erf", -1.3, -0.9340079449406524, 0.20820798679606964),
    ("PyTorch", "erf", 0.7, 0.6778011938374184, 0.6912748604105386),
    ("PyTorch", "relu6", -1.3, 0.0, 0.0),
    ("PyTorch", "relu6", 0.7, 0.7, 1.0),
    ("PyTorch", "leaky_relu", -1.3, -0.013000000000000001, 0.01),
    ("PyTorch", "leaky_relu", 0.7, 0.7, 1.0),
    ("PyTorch", "prelu", -1.3, -0.325, 0.25),
    ("PyTorch", "prelu", 0.7, 0.7, 1.0),
    ("PyTorch", "rrelu", -1.3, -0.29791666666666666, 0.22916666666666666),
    ("PyTorch", "rrelu", 0.7, 0.7, 1.0),
    ("PyTorch", "threshold:threshold=0.5,value=-2", -1.3, -2.0, 0.0),
    ("PyTorch", "threshold:threshold=0.5,value=-2", 0.7, 0.7, 1.0),
    ("PyTorch", "elu", -1.3, -0.7274682069659875, 0.2725317930340126),
    ("PyTorch", "elu", 0.7, 0.7, 1.0),
    ("PyTorch", "elu:alpha=2", -1.3, -1.454936413931975, 0.5450635860680252),
    ("PyTorch", "elu:alpha=2", 0.7, 0.7, 1.0),
    ("PyTorch", "celu:alpha=2", -1.3, -0.9559084464779679, 0.522045776761016),
    ("PyTorch", "celu:alpha=2", 0.7, 0.7, 1.0),
    ("PyTorch", "selu", -1.3, -1.2789613751543256, 0.4791379656930512),
    ("PyTorch", "selu", 0.7, 0.7354906911488363, 1.0507009873554805),
    ("PyTorch", "softplus:beta=3", -1.3, 0.006679922420132533, 0.0198403057340775),
    ("PyTorch", "softplus:beta=3", 0.7, 0.7385065077265849, 0.890903178804387),
    ("PyTorch", "log_sigmoid", -1.3, -1.5410084538329922, 0.7858349830425586),
    ("PyTorch", "log_sigmoid", 0.7, -0.4031860488854579, 0.33181222783183395),
    ("PyTorch", "swish", -1.3, -0.2784145220446738, -0.004622854252336919),
    ("PyTorch", "swish", 0.7, 0.46773144051771626, 0.8233867834733425),
    ("PyTorch", "hard_swish", -1.3, -0.36833333333333335, 0.06666666666666665),
    ("PyTorch", "hard_swish", 0.7, 0.43166666666666664, 0.7333333333333333),
    ("PyTorch", "gelu", -1.3, -0.1258406299612934, -0.12597868507653925),
    ("PyTorch", "gelu", 0.7, 0.5306254434438489, 0.9766141011336599),
    ("PyTorch", "gelu_tanh", -1.3, -0.1260709876826906, -0.12587806978401672),
    ("PyTorch", "gelu_tanh", 0.7, 0.5305701347051167, 0.976357218656104),
    ("PyTorch", "mish", -1.3, -0.3073824647494959, -0.02640096215980155),
    ("PyTorch", "mish", 0.7, 0.5611483776438518, 0.9687948682001859),
    ("PyTorch", "hard_shrink", -1.3, -1.3, 1.0),
    ("PyTorch", "hard_shrink", 0.7, 0.7, 1.0),
    ("PyTorch", "soft_shrink", -1.3, -0.8, 1.0),
    ("PyTorch", "soft_shrink", 0.7, 0.19999999999999996, 1.0),
    ("PyTorch", "tanh_shrink", -1.3, -0.4382768406866937, 0.7425668032969059),
    ("PyTorch", "tanh_shrink", 0.7, 0.09563222288283646, 0.3652604100175414),
    ("JAX", "hard_sigmoid", -1.3, 0.2833333333333333, 0.16666666666666666),
    ("JAX", "hard_sigmoid", 0.7, 0.6166666666666667, 0.16666666666666666),
    ("JAX", "leaky_relu", -1.3, -0.013000000000000001, 0.01),
    ("JAX", "leaky_relu", 0.7, 0.7, 1.0),
    ("JAX", "gelu:approx=tanh", -1.3, -0.12607098768269054, -0.12587806978401667),
    ("JAX", "gelu:approx=tanh", 0.7, 0.5305701347051167, 0.976357218656104),
    ("JAX", "gelu", -1.3, -0.12584062996129347, -0.12597868507653925),
    ("JAX", "gelu", 0.7, 0.5306254434438489, 0.9766141011336599),
    ("JAX", "squareplus", -1.3, 0.5426860441876563, 0.22750582470229297),
    ("JAX", "squareplus", 0.7, 1.4094810050208544, 0.6651752123640531),
    ("JAX", "sparse_plus", -1.3, 0.0, 0.0),
    ("JAX", "sparse_plus", 0.7, 0.7224999999999999, 0.85),
    ("JAX", "sparse_sigmoid", -1.3, 0.0, 0.0),
    ("JAX", "sparse_sigmoid", 0.7, 0.85, 0.5),
    ("JAX", "celu:alpha=2", -1.3, -0.9559084464779679, 0.522045776761016),
    ("JAX", "celu:alpha=2", 0.7, 0.7, 1.0),
    ("JAX", "selu", -1.3, -1.2789613751543256, 0.4791379656930511),
    ("JAX", "selu", 0.7, 0.7354906911488363, 1.0507009873554805),
    ("JAX", "mish", -1.3, -0.30738246474949593, -0.026400962159801533),
    ("JAX", "mish", 0.7, 0.5611483776438518, 0.9687948682001859),
    ("JAX", "log_sigmoid", -1.3, -1.5410084538329922, 0.7858349830425586),
    ("JAX", "log_sigmoid", 0.7, -0.40318604888545784, 0.3318122278318339),
    ("JAX", "softsign", -1.3, -0.5652173913043479, 0.1890359168241966),
    ("JAX", "softsign", 0.7, 0.4117647058823529, 0.34602076124567477),
    ("JAX", "hard_swish", -1.3, -0.36833333333333335, 0.06666666666666665),
    ("JAX", "hard_swish", 0.7, 0.43166666666666664, 0.7333333333333334),
    ("Hugging Face", "quick_gelu", -1.3, -0.1282121066168159, -0.09807072193359824),
    ("Hugging Face", "quick_gelu", 0.7, 0.5368939517231501, 0.9799131420008385),
    ("Hugging Face", "laplace", -1.3, 5.595524044110789e-13, 1.4381668207192492e-11),
    ("Hugging Face", "laplace", 0.7, 0.4899502547706289, 1.4137637755486487),
    ("Hugging Face", "squared_relu", -1.3, 0.0, 0.0),
    ("Hugging Face", "squared_relu", 0.7, 0.48999999999999994, 1.4),
    ("Hugging Face", "sqrt_softplus", -1.3, 0.49092611850765505, 0.218123469992259),
    ("Hugging Face", "sqrt_softplus", 0.7, 1.050326639139205, 0.3180857017564456),
    ("Hugging Face", "gelu_tanh", -1.3, -0.1260709876826906, -0.12587806978401672),
    ("Hugging Face", "gelu_tanh", 0.7, 0.5305701347051167, 0.976357218656104),
]

GRADIENTS_AT_KINKS = [  # library, label here, {x: gradient there}
    ("PyTorch", "relu", {0: 0}),
    ("PyTorch", "relu6", {0: 0, 6: 0}),
    ("PyTorch", "leaky_relu", {0: 0.01}),
    ("PyTorch", "prelu", {0: 0.25}),
    ("PyTorch", "rrelu", {0: 0.22916666666666666}),
    ("PyTorch", "threshold", {1: 0}),
    ("PyTorch", "elu:alpha=2", {0: 2}),
    ("PyTorch", "celu:alpha=2", {0: 1}),
    ("PyTorch", "selu", {0: 1.7580993408473768}),  # PyTorch: 1 ulp less, from rounded constants
    ("PyTorch", "hard_tanh", {-1: 0, 1: 0}),
    ("PyTorch", "hard_sigmoid", {-3: 0, 3: 0}),
    ("PyTorch", "hard_swish", {-3: 0, 3: 1}),
    ("PyTorch", "hard_shrink", {-0.5: 0, 0.5: 0}),
    ("PyTorch", "soft_shrink", {-0.5: 0, 0.5: 0}),
    ("PyTorch", "abs", {0: 0}),
    ("PyTorch", "sign", {0: 0}),
    ("JAX", "relu", {0: 0}),
    ("JAX", "relu6", {0: 0, 6: 0}),
    ("JAX", "elu:alpha=2", {0: 2}),
    ("JAX", "hard_sigmoid", {-3: 0, 3: 0}),
    ("JAX", "hard_swish", {-3: 0, 3: 1}),
    ("JAX", "sparse_plus", {-1: 0, 1: 1}),
    ("JAX", "softsign", {0: 1}),
]

DEFAULTS = [  # what a library returns for its own default, and the label that means it here
    ("Keras 3 leaky_relu", "leaky_relu:slope=0.2", -1, -0.2),
    ("Keras 3 LeakyReLU", "leaky_relu:slope=0.3", -1, -0.3),
    ("Keras 3 hard_sigmoid", "hard_sigmoid", 1, 0.6666667),
    ("ONNX HardSigmoid", "hard_sigmoid:slope=0.2", -1.3, 0.24),
    ("keras.activations.gelu", "gelu", 1, 0.8413447),
    ("keras.ops.gelu", "gelu:approx=tanh", 1, 0.841192),
    ("ONNX Shrink", "hard_shrink", -2.6, -2.6),
    ("ONNX Shrink, bias=0.5", "soft_shrink", -2.6, -2.1),
    ("ONNX ThresholdedRelu", "threshold", 1, 0),
    ("numpy.sinc at 1/2", "sinc", np.pi / 2, 0.6366198),
    ("PyTorch Softplus at 20.1", "softplus", 20.1, 20.1),
]

SAID = [  # name, what its notes must say
    ("hard_sigmoid", "1/6 0.2 0.25 PyTorch JAX ONNX Keras"),
    ("leaky_relu", "0.01 0.2 0.3 PyTorch JAX ONNX Keras TensorFlow"),
    ("gelu", "PyTorch JAX Keras ONNX approx=tanh approximate=True"),
    ("hard_tanh", "PyTorch JAX"),
    ("sparse_sigmoid", "1/4 JAX"),
    ("sinc", "numpy sin(pi x)/(pi x)"),
    ("softplus", "PyTorch 20"),
    ("xielu", "-1e-6"),
]


@pytest.mark.parametrize(("library", "label", "x", "value", "gradient"), VALUES)
def test_agrees_with_the_library(library, label, x, value, gradient):
    found = [float(v) for v in actcli.activation(label).value_and_gradient(np.float64(x))]
    assert found == pytest.approx([value, gradient], rel=2e-14, abs=1e-16)


@pytest.mark.parametrize(("library", "label", "gradients"), GRADIENTS_AT_KINKS)
def test_has_the_gradient_of_the_library_at_a_kink(library, label, gradients):
    f = actcli.activation(label)
    assert {x: float(f.gradient(np.float64(x))) for x in gradients} == gradients


@pytest.mark.parametrize(("library", "label", "x", "value"), DEFAULTS)
def test_the_label_is_what_the_library_means_by_default(library, label, x, value):
    assert actcli.activation(label)(np.float64(x)) == pytest.approx(value, abs=1e-7)


@pytest.mark.parametrize(("name", "words"), SAID)
def test_notes_say_which_library_means_what(name, words):
    notes = " ".join(find(name).notes)
    missing = [word for word in words.split() if word.lower() not in notes.lower()]
    assert not missing
