"""What `train-toy` may be told by name, typed once; imports nothing, so that help is quick."""

TOPOLOGIES = {"feedforward": "circle", "memory": "recall", "graph": "karate", "composite": "karate"}
SCHEMES = ("playground", "xavier", "he", "lecun", "gain")  # of initial weights
PENALTIES = ("none", "l1", "l2")
