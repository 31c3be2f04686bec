"""What `train-toy` may be told by name, typed once; imports nothing heavy, so that help is quick."""

from typing import NamedTuple


class Defaults(NamedTuple):
    """How a data set is learned unless the user says otherwise."""

    layers: tuple[int, ...] = (4, 2)
    learner: str = "sgd"
    learning_rate: float = 0.03
    epochs: int = 300
    length: int = 10  # of sequences; rounds of messages


SEQUENCES, GRAPH = Defaults((16,), epochs=100), Defaults((16,))


class DataSet(NamedTuple):
    """What a data set is of, by default with how much noise (None: it has none)."""

    kind: str  # points, sequences, graph, patterns
    noise: float | None = 0.0
    classes: int = 2  # of points; 0: regression
    learned: Defaults = Defaults()


DATA_SETS = {
    "circle": DataSet("points"),
    "xor": DataSet("points"),
    "gauss": DataSet("points"),
    "spiral": DataSet("points", learned=Defaults((8, 8), "adam", 0.01)),
    "moons": DataSet("points", noise=0.5),
    "plane": DataSet("points", classes=0),
    "gaussians": DataSet("points", classes=0, learned=Defaults((8, 4), "adam", 0.01, 100)),
    "recall": DataSet("sequences", learned=SEQUENCES),
    "parity": DataSet("sequences", learned=Defaults((16,), "adam", 0.01, 100, 6)),
    "digit-sum": DataSet("sequences", learned=Defaults((16,), "adam", 0.01, 100)),
    "wave": DataSet("sequences", noise=0.1, learned=SEQUENCES),
    "karate": DataSet("graph", noise=None, learned=GRAPH),
    "blocks": DataSet("graph", noise=None, learned=Defaults((16,), "adam", 0.01, 100)),
    "patterns": DataSet("patterns", noise=0.1, learned=Defaults((200,), "hebbian", epochs=20)),
}
FILE = DataSet("points", noise=None)
FEATURES = ("x", "y", "x2", "y2", "xy", "sinx", "siny")  # of points in the plane
TOPOLOGIES = {"feedforward": "circle", "memory": "recall", "graph": "karate", "composite": "karate"}
LEARNERS = ("sgd", "momentum", "adam", "evolution", "random-search", "hebbian")
SCHEMES = ("playground", "xavier", "he", "lecun", "gain")  # of initial weights
PENALTIES = ("none", "l1", "l2")
LEARN_PER = ("layer", "unit")  # how many values a learned parameter has


def defaults_said(field: str) -> str:
    """The defaults of all data sets for one field of Defaults: 4,2; 8,8 for spiral; ..."""
    names: dict[str, list[str]] = {_said(getattr(Defaults(), field)): []}
    for name, known in DATA_SETS.items():
        names.setdefault(_said(getattr(known.learned, field)), []).append(name)
    usual, *others = names
    return "; ".join([usual, *(f"{value} for {', '.join(names[value])}" for value in others)])


def _said(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
