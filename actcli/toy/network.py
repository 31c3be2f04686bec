"""Networks: layers in a row."""

import math
from collections.abc import Sequence

import numpy as np

from ..numbers.types import Floats
from .initialization import gain_of
from .kernels import kernel_of
from .layers import Layer

OUTPUTS = ("tanh", "logistic", "linear", "softmax")


class Network:
    """Layers from input to output, the last one linear, and what is made of its output.

    `output` is "tanh" or "linear" with half the squared error as loss, "logistic" or "softmax" with
    the cross-entropy. Targets are (S, B, outputs). A seed's weights and gradients are one row each.
    """

    def __init__(self, layers: Sequence[Layer], output: str) -> None:
        self.layers = list(layers)
        self.output = output
        self.sizes = [
            math.prod(layer.shape) + (math.prod(layer.learned.shape) if layer.learned else 0)
            for layer in layers
        ]
        self.size = sum(self.sizes)
        self.names = (*(f"layer{k + 1}" for k in range(len(layers) - 1)), "output")

    def attach(self, weights: Floats, gradient: Floats | None = None) -> None:
        """Take the weights (S, size), which may be changed in place, and room for their gradient."""
        self.weights = weights
        self.gradient = np.zeros_like(weights) if gradient is None else gradient
        start = 0
        for layer, size in zip(self.layers, self.sizes, strict=True):
            end = start + math.prod(layer.shape)
            for target, part in (
                (layer, slice(start, end)),
                (layer.learned, slice(end, start + size)),
            ):
                if target is not None:
                    target.attach(
                        weights[:, part].reshape(-1, *target.shape),
                        self.gradient[:, part].reshape(-1, *target.shape),
                    )
            start += size

    def use_lean_kernels(self) -> None:
        """Take lean kernels from now on (see kernels)."""
        for layer in self.layers:
            if layer.activation is not None:
                layer._kernel = kernel_of(layer.activation, True)

    def share_buffers(self, other: "Network") -> None:
        """Work in the arrays of an equal network that is never used at the same time."""
        for layer, its in zip(self.layers, other.layers, strict=True):
            layer.share_buffers(its)  # type: ignore[arg-type]

    def penalised(self) -> Floats:
        """(size,): 1 for weights, 0 for biases and learned parameters."""
        parts = []
        for layer in self.layers:
            part = np.ones(layer.shape)
            part[-1] = 0
            parts.append(part.reshape(-1))
            if layer.learned is not None:
                parts.append(np.zeros(layer.learned.start.size))
        return np.concatenate(parts)

    def learned_values(self) -> Floats:
        """(S, n): learned parameters layer by layer, the mean of a layer's units."""
        nothing = np.zeros((len(self.weights), 0))
        found = [layer.learned.values.mean(axis=2) for layer in self.layers if layer.learned]
        return np.concatenate([nothing, *found], axis=1)

    def confine(self) -> None:
        """Keep learned parameters in their domains."""
        for layer in self.layers:
            if layer.learned is not None:
                layer.learned.confine()

    def forward(self, x: Floats, slopes: bool = True) -> Floats:
        """What the last layer gives, (S, B, outputs), before the output function."""
        for layer in self.layers:
            x = layer.forward(x, slopes)
        return x

    def outputs(self, x: Floats) -> Floats:
        """(S, B, outputs) for x (S, B, ..., inputs + 1); a new array."""
        return self._read(self.forward(x, False))

    def _read(self, z: Floats) -> Floats:
        """The output function."""
        if self.output == "tanh":
            return np.tanh(z)
        if self.output == "logistic":
            return np.asarray(0.5 + 0.5 * np.tanh(0.5 * z))
        if self.output == "softmax":
            raised = np.exp(z - z.max(axis=-1, keepdims=True))
            return np.asarray(raised / raised.sum(axis=-1, keepdims=True))
        return z.copy()

    def backpropagate(self, x: Floats, targets: Floats, share: float | Floats) -> Floats:
        """Fill `gradient`; gives the outputs. `share` weighs the examples: 1/B, or (S, B, 1)."""
        read = self._read(self.forward(x))
        d = read - targets
        if self.output == "tanh":
            d *= 1 - read * read
        d *= share
        layers = self.layers
        for k in range(len(layers) - 1, 0, -1):
            d = layers[k].backward(d)
        layers[0].backward(d, False)
        return read

    def losses(self, targets: Floats, share: float | Floats, read: Floats | None = None) -> Floats:
        """(S,): losses in the last forward, from what the last layer gave; `read`: its outputs."""
        z = self.layers[-1].z
        if self.output == "softmax":
            top = z.max(axis=-1, keepdims=True)
            each = np.log(np.exp(z - top).sum(axis=-1, keepdims=True)) + top
            each = each - (z * targets).sum(axis=-1, keepdims=True)
        elif self.output == "logistic":
            each = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - z * targets
        else:
            each = (self._read(z) if read is None else read) - targets
            each *= each
            each *= 0.5
        shared = np.ascontiguousarray((each * share).reshape(len(z), -1))
        return np.asarray(shared.sum(axis=1))

    def loss_and_gradient(self, x: Floats, targets: Floats, share: float | Floats) -> Floats:
        """(S,) losses; fills `gradient` (S, size)."""
        return self.losses(targets, share, self.backpropagate(x, targets, share))

    def gradient_norms(self) -> Floats:
        """(S, layers): L2 norms of the gradients of each layer's weights, biases left out."""
        norms = []
        for layer in self.layers:
            part = np.ascontiguousarray(layer.gradient[:, :-1]).reshape(len(self.gradient), -1)
            norms.append(np.sqrt((part * part).sum(axis=1)))
        return np.stack(norms, axis=1)

    def initial(self, scheme: str, random: np.random.Generator) -> Floats:
        """Weights (size,) of one seed, by one of SCHEMES."""
        parts, gain = [], 1.0
        for layer in self.layers:
            parts.append(layer.draw(scheme, gain, random).reshape(-1))
            if layer.learned is not None:
                parts.append(layer.learned.start)
            if scheme == "gain" and layer.activation is not None:
                gain = gain_of(layer.activation)
        return np.concatenate(parts)
