/// The commented configuration that `edge-node join` leaves in a new directory.
func defaultConfiguration(coordinator: String) -> String {
    """
    # Settings of this node. Flags and TRIBUTARY_EDGE_NODE_… variables take precedence; unknown keys are errors.

    coordinator: "\(coordinator)"      # the coordinator's federation port

    # listen: 127.0.0.1:7480   # where applications beside the data get recommendations; off for nowhere
    # allow-remote: false      # must be true for an address that other machines can reach
    # workers: 2               # threads of local training [all processors]; the result does not depend on it
    # log-level: info
    # index: exact             # hnsw finds recommendations in a graph: sooner with catalogs of hundreds of thousands, nearly exact

    # What may be spent of the users' privacy, over everything this node ever takes part in.
    budget:
      epsilon: 8
      delta: 1.0e-5
      minimum-users: 20        # with fewer eligible users the node stays out
      allowed-modes: [local]   # local: nobody is trusted; distributed: most nodes are; central: the coordinator adds the noise; off: no protection
      # minimum-cohort: 1      # stay out of plans that publish rounds of fewer nodes
      # allowed-mechanisms: [gaussian, sampled-gaussian]
      # period: {days: 30, epsilon: 2}   # at most so much within any so many days; the node pauses when it is reached

    """
}
