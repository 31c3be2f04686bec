"""Layers: a forward and a backward each, for all seeds at once.

Every array leads with the seed axis S. What flows between layers carries a last column of ones, so
that weights and biases are one matrix (inputs + 1, outputs) with the biases in its last row, and one
matmul per layer serves every seed. Matmul treats each seed's matrices by themselves, so that
a seed's bits do not depend on the others.

    layer = Dense(2, 8, activation)
    layer.attach(weights, gradient)     # (S, 3, 8) each; read and written in place
    out = layer.forward(with_ones(x))   # x (S, B, 2) -> (S, B, 9)
    back = layer.backward(d)            # d loss/d output (S, B, 8) -> d loss/d input (S, B, 2)
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .initialization import drawn
from .kernels import kernel_of
from .learned import LearnedParameters


def with_ones(x: Floats) -> Floats:
    """A copy of x (..., d) with a column of ones behind it: (..., d + 1)."""
    return np.concatenate([x, np.ones((*x.shape[:-1], 1))], axis=-1)


def normalised(adjacency: Floats) -> Floats:
    """D^-1/2 (A + I) D^-1/2 of an adjacency matrix (..., n, n): messages from neighbours and self."""
    linked = adjacency + np.eye(adjacency.shape[-1])
    root = np.sqrt(linked.sum(axis=-1))
    return np.asarray(linked / (root[..., :, None] * root[..., None, :]))


def _rows(out: Floats, value: Floats) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Both seen as long lists of rows: numpy copies whole rows three times as fast as short ones."""
    row = np.dtype((np.void, value.itemsize * value.shape[-1]))
    count = math.prod(value.shape[:-1])
    return (
        np.ndarray((count,), row, out, strides=(out.itemsize * out.shape[-1],)),
        np.ndarray((count,), row, value),
    )


@dataclass
class _Buffers:
    """Arrays for one shape of input; `flat` are z, value and slope as the kernel takes them."""

    z: Floats
    value: Floats
    slope: Floats
    out: Floats  # value and the column of ones
    rows: tuple[NDArray[np.void], NDArray[np.void]]  # out without that column, and value
    back: Floats
    flat: tuple[Floats, ...] = ()
    mixed: Floats = field(default_factory=lambda: np.empty(0))


class Dense:
    """f(x W + b). Without an activation: x W + b, and no column of ones behind it."""

    def __init__(
        self, inputs: int, outputs: int, activation: Activation | None,
        learned: LearnedParameters | None = None,
    ) -> None:  # fmt: skip
        self.inputs = inputs
        self.outputs = outputs
        self.activation = activation
        self.learned = learned
        self.shape = (inputs + 1, outputs)
        self._kernel = kernel_of(activation) if activation else None
        self._works: dict[tuple[int, ...], _Buffers] = {}

    def attach(self, weights: Floats, gradient: Floats) -> None:
        """Take (S, *shape) weights to read and gradients to write; both stay the caller's."""
        self.weights, self.gradient = weights, gradient
        self._back = weights[:, : self.inputs].transpose(0, 2, 1)

    def _work(self, shape: tuple[int, ...]) -> _Buffers:
        work = self._works.get(shape)
        if work is None:
            if len(self._works) > 8:
                self._works.clear()
            whole = (*shape, self.outputs)
            z, value, slope = np.empty(whole), np.empty(whole), np.empty(whole)
            out = np.ones((*shape, self.outputs + 1))
            work = _Buffers(
                z, value, slope, out, _rows(out, value), np.empty((*shape, self.inputs))
            )
            work.flat = (z.reshape(-1), value.reshape(-1), slope.reshape(-1))
            work.mixed = np.ones((*shape, self.inputs + 1))
            self._works[shape] = work
        return work

    def share_buffers(self, other: "Dense") -> None:
        """Work in the arrays of a layer that is never used at the same time."""
        self._works = other._works

    def forward(self, x: Floats, slopes: bool = True) -> Floats:
        """(S, B, inputs + 1) -> (S, B, outputs + 1); the array is the layer's own.

        Keeps the activation's inputs `z`, its `value` and its `slope`, (S, B, outputs) each. Without
        `slopes`, which backward needs, it is sooner done.
        """
        work = self.work = self._work(x.shape[:-1])
        self.x, self.z, self.value, self.slope = x, work.z, work.value, work.slope
        np.matmul(x, self.weights, out=work.z)
        if self._kernel is None:
            return work.z
        if self.learned is not None:
            self.learned.forward(work.z, work.value, work.slope if slopes else None)
        else:
            z, value, slope = work.flat
            self._kernel(z, value, slope if slopes else None)
        rows, values = work.rows
        rows[...] = values
        return work.out

    def backward(self, d: Floats, further: bool = True) -> Floats:
        """d loss/d output -> d loss/d input, unless nothing lies further down; fills the gradient."""
        work = self.work
        if self.learned is not None:
            self.learned.gradient[...] = 0
            self.learned.backward(d, work.z)
        if self._kernel is not None:
            d *= work.slope
        np.matmul(self.x.transpose(0, 2, 1), d, out=self.gradient)
        if further:
            np.matmul(d, self._back, out=work.back)
        return work.back

    def draw(self, scheme: str, gain: float, random: np.random.Generator) -> Floats:
        """Weights of one seed; `gain` is that of the layer below."""
        return drawn(scheme, gain, self.inputs, self.outputs, random)


class Graph(Dense):
    """f(A x W + b) on all nodes of a graph: x (S, n, inputs + 1), A (n, n) or (S, n, n)."""

    def __init__(
        self, inputs: int, outputs: int, activation: Activation | None, adjacency: Floats,
        learned: LearnedParameters | None = None,
    ) -> None:  # fmt: skip
        super().__init__(inputs, outputs, activation, learned)
        self.adjacency = adjacency
        self._adjoint = np.swapaxes(adjacency, -1, -2)
        self.fixed = False  # whether x never changes while it lives, so that A x can be kept
        self._seen: Floats | None = None

    def share_buffers(self, other: Dense) -> None:
        """Not here: what was mixed is kept."""

    def forward(self, x: Floats, slopes: bool = True) -> Floats:
        mixed = self._work(x.shape[:-1]).mixed
        if not self._known(x):
            if x.strides[0] == 0 and self.adjacency.ndim == 2:  # one x for all
                mixed[..., :-1] = np.matmul(self.adjacency, x[0, :, :-1])
            else:
                np.matmul(self.adjacency, x[..., :-1], out=mixed[..., :-1])
            self._seen = x if self.fixed else None
        return super().forward(mixed, slopes)

    def _known(self, x: Floats) -> bool:
        """Whether this is the memory that was mixed last time."""
        seen = self._seen
        if seen is None or seen.shape != x.shape or seen.strides != x.strides:
            return False
        return bool(seen.__array_interface__["data"] == x.__array_interface__["data"])

    def backward(self, d: Floats, further: bool = True) -> Floats:
        back = super().backward(d, further)
        return np.asarray(np.matmul(self._adjoint, back)) if further else back


class Recurrent:
    """h_t = f(x_t W + h_(t-1) U + b) with h_0 = 0, trained through time.

    x is (S, B, T, inputs + 1). Forward gives the last state (S, B, outputs + 1), or with `sequence`
    all of them (S, B, T, outputs + 1). The rows of the weights are W, U, b.
    """

    def __init__(
        self, inputs: int, outputs: int, activation: Activation, sequence: bool = False,
        learned: LearnedParameters | None = None,
    ) -> None:  # fmt: skip
        self.inputs = inputs
        self.outputs = outputs
        self.activation = activation
        self.sequence = sequence
        self.learned = learned
        self.shape = (inputs + outputs + 1, outputs)
        self._kernel = kernel_of(activation)
        self._works: dict[tuple[int, ...], tuple[Floats, ...]] = {}

    def attach(self, weights: Floats, gradient: Floats) -> None:
        """Take (S, *shape) weights to read and gradients to write; both stay the caller's."""
        self.weights, self.gradient = weights, gradient
        self._from_input = weights[:, None, : self.inputs].swapaxes(-1, -2)
        self._from_state = weights[:, self.inputs : -1].transpose(0, 2, 1)

    def _work(self, shape: tuple[int, ...]) -> tuple[Floats, ...]:
        if shape not in self._works:
            if len(self._works) > 8:
                self._works.clear()
            seeds, batch, times = shape
            joined = np.ones((seeds, times, batch, self.shape[0]))
            joined[:, 0, :, self.inputs : -1] = 0
            per_time = [np.empty((times, seeds, batch, self.outputs)) for _ in range(3)]
            d = np.empty((seeds, times, batch, self.outputs))
            out = np.ones((seeds, batch, times, self.outputs + 1))
            self._works[shape] = (joined, *per_time, d, out)
        return self._works[shape]

    def share_buffers(self, other: "Recurrent") -> None:
        """Work in the arrays of a layer that is never used at the same time."""
        self._works = other._works

    def forward(self, x: Floats, slopes: bool = True) -> Floats:
        """See the class; the array is the layer's own."""
        work = joined, z, value, slope, _, out = self._work(x.shape[:-1])
        self.work = work
        joined[..., : self.inputs] = x[..., :-1].transpose(0, 2, 1, 3)
        times = x.shape[2]
        for t in range(times):
            np.matmul(joined[:, t], self.weights, out=z[t])
            slope_now = slope[t] if slopes else None
            if self.learned is not None:
                self.learned.forward(z[t], value[t], slope_now)
            else:
                flat = None if slope_now is None else slope_now.reshape(-1)
                self._kernel(z[t].reshape(-1), value[t].reshape(-1), flat)
            if t + 1 < times:
                joined[:, t + 1, :, self.inputs : -1] = self._propagated(value[t])
        if self.sequence:
            out[..., :-1] = value.transpose(1, 2, 0, 3)
            return out
        out[:, :, -1, :-1] = value[-1]
        return out[:, :, -1]

    def backward(self, d: Floats, further: bool = True) -> Floats:
        """d loss/d output (S, B, outputs) or (S, B, T, outputs) -> d loss/d x (S, B, T, inputs)."""
        joined, z, _, slope, through, _ = self.work
        carried = d[:, :, -1] if self.sequence else d
        if self.learned is not None:
            self.learned.gradient[...] = 0
        for t in reversed(range(len(slope))):
            if self.learned is not None:
                self.learned.backward(carried, z[t])
            np.multiply(carried, slope[t], out=through[:, t])
            if t:
                carried = self._propagated_back(np.matmul(through[:, t], self._from_state))
                if self.sequence:
                    carried += d[:, :, t - 1]
        seeds, times, batch, rows = joined.shape
        np.matmul(
            joined.reshape(seeds, times * batch, rows).transpose(0, 2, 1),
            through.reshape(seeds, times * batch, self.outputs),
            out=self.gradient,
        )
        if not further:
            return through
        back: Floats = np.matmul(through, self._from_input)
        return back.transpose(0, 2, 1, 3)

    def _propagated(self, state: Floats) -> Floats:
        """What the next step sees of the state (S, B, outputs)."""
        return state

    def _propagated_back(self, d: Floats) -> Floats:
        return d

    @property
    def z(self) -> Floats:
        """(S, T * B, outputs): the activation's inputs in the last forward."""
        return _by_seed(self.work[1])

    @property
    def value(self) -> Floats:
        return _by_seed(self.work[2])

    @property
    def slope(self) -> Floats:
        return _by_seed(self.work[3])

    def draw(self, scheme: str, gain: float, random: np.random.Generator) -> Floats:
        """Weights of one seed: by the scheme from the input, orthogonal from the state."""
        from_input = drawn(scheme, gain, self.inputs, self.outputs, random)
        if scheme == "playground":
            from_state = random.uniform(-0.5, 0.5, (self.outputs, self.outputs))
        else:
            q, r = np.linalg.qr(random.standard_normal((self.outputs, self.outputs)))
            from_state = q * np.where(np.diag(r) < 0, -1.0, 1.0)
        return np.concatenate([from_input[:-1], from_state, from_input[-1:]])


class NodeRecurrent(Recurrent):
    """A recurrent state on every node: h_t = f(x W + A h_(t-1) U + b) for some rounds, h_0 = 0.

    x is (S, n, inputs + 1), the same in every round; forward gives the last state.
    """

    def __init__(
        self, inputs: int, outputs: int, activation: Activation, adjacency: Floats, rounds: int,
        learned: LearnedParameters | None = None,
    ) -> None:  # fmt: skip
        super().__init__(inputs, outputs, activation, learned=learned)
        self.adjacency = adjacency
        self.rounds = rounds
        self._adjoint = np.swapaxes(adjacency, -1, -2)

    def forward(self, x: Floats, slopes: bool = True) -> Floats:
        seeds, nodes, columns = x.shape
        each = np.broadcast_to(x[:, :, None], (seeds, nodes, self.rounds, columns))
        return super().forward(each, slopes)

    def backward(self, d: Floats, further: bool = True) -> Floats:
        back = super().backward(d, further)
        return np.asarray(back.sum(axis=2)) if further else back

    def _propagated(self, state: Floats) -> Floats:
        return np.asarray(np.matmul(self.adjacency, state))

    def _propagated_back(self, d: Floats) -> Floats:
        return np.asarray(np.matmul(self._adjoint, d))


Layer = Dense | Recurrent


def _by_seed(array: Floats) -> Floats:
    times, seeds, batch, outputs = array.shape
    return array.transpose(1, 0, 2, 3).reshape(seeds, times * batch, outputs)
