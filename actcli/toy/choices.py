"""What `train-toy` may be told by name, typed once; imports nothing heavy, so that help is quick."""

from typing import NamedTuple


class DataSet(NamedTuple):
    """What a data set is of, by default with how much noise (None: it has none)."""

    kind: str  # points, sequences, graph, patterns
    noise: float | None = 0.0
    classes: int = 2  # of points; 0: regression


DATA_SETS = {
    "circle": DataSet("points"),
    "xor": DataSet("points"),
    "gauss": DataSet("points"),
    "spiral": DataSet("points"),
    "moons": DataSet("points", noise=0.5),
    "plane": DataSet("points", classes=0),
    "gaussians": DataSet("points", classes=0),
    "recall": DataSet("sequences"),
    "parity": DataSet("sequences"),
    "digit-sum": DataSet("sequences"),
    "wave": DataSet("sequences", noise=0.1),
    "karate": DataSet("graph", noise=None),
    "blocks": DataSet("graph", noise=None),
    "patterns": DataSet("patterns", noise=0.1),
}
FEATURES = ("x", "y", "x2", "y2", "xy", "sinx", "siny")  # of points in the plane
TOPOLOGIES = {"feedforward": "circle", "memory": "recall", "graph": "karate", "composite": "karate"}
LEARNERS = ("sgd", "momentum", "adam", "evolution", "random-search", "hebbian")
SCHEMES = ("playground", "xavier", "he", "lecun", "gain")  # of initial weights
PENALTIES = ("none", "l1", "l2")
LEARN_PER = ("layer", "unit")  # how many values a learned parameter has
