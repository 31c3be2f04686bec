"""Layers: a forward and a backward each, for all seeds at once. (API; being filled in)

Arrays lead with the seed axis S. What flows between layers carries a last column of ones, so that
weights and biases are one matrix (inputs + 1, outputs), the biases its last row.

    class Dense / Graph / Recurrent / NodeRecurrent:
        shape                       # (rows, outputs) of the weight matrix
        attach(weights, gradient)   # (S, rows, outputs) each; kept, read and written in place
        forward(x)  -> (S, B, outputs + 1)      # without the ones column for the linear output layer
        backward(d) -> (S, B, inputs)           # d loss/d output (S, B, outputs) in; fills gradient
        z, value, slope             # (S, B, outputs) of the last forward
    Dense(inputs, outputs, activation | None)
    Graph(inputs, outputs, activation | None, adjacency)        # adjacency (n, n) or (S, n, n), normalised
    Recurrent(inputs, outputs, activation, sequence)            # x (S, B, T, inputs); last state, or all
    NodeRecurrent(inputs, outputs, activation, adjacency, rounds)
    with_ones(x) -> x with the column of ones
    normalised(adjacency) -> D^-1/2 (A + I) D^-1/2
    Network(layers, output)     # output: tanh, logistic, linear, softmax
        size                    # number of weights
        attach(weights (S, size))
        outputs(x) -> (S, B, outputs)
        loss_and_gradient(x, targets, share) -> (S,) losses; network.gradient (S, size)
    initial(network, scheme, generator) -> (size,) weights of one seed; playground, xavier, he, lecun, gain
"""
