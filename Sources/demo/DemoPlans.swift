/// The plans of the demo, as files a person can read and change.
enum DemoPlans {
    /// Every user trains alone; clipped, noised at the node.
    static func privatePlan(_ options: Demo, mode: String, nodes: Int) -> String {
        """
        name: demo-\(mode)
        seed: \(options.seed)
        rounds: \(options.rounds ?? 20)
        maximum-attempts: \((options.rounds ?? 20) + 2)
        model:
          gru4rec: {embedding-dimension: 16, hidden-dimension: 16}
        training:
          unit: per-user
          optimizer: {sgd: {learning-rate: 30, momentum: 0}}
          epochs: 1
        privacy:
          mode: \(mode)
          clip: 1.0
          epsilon: \(options.epsilon)
          delta: \(options.delta)
        server-optimizer:
          fedavg: {learning-rate: 15}
        selection: {minimum-cohort: \(nodes), quorum: \(nodes), deadline-seconds: 1800}

        """
    }

    /// Classic federated averaging over each node's batches.
    static func openPlan(_ options: Demo, nodes: Int) -> String {
        """
        name: demo-off
        seed: \(options.seed)
        rounds: \(options.rounds ?? 20)
        model:
          gru4rec: {embedding-dimension: 64, hidden-dimension: 64, embedding-dropout: 0.1, hidden-dropout: 0.2}
        training:
          unit: silo
          optimizer: {adam: {learning-rate: 0.005}}
          epochs: 1
          batch-size: 32
          maximum-length: 50
          maximum-windows: 8
        privacy: {mode: "off"}
        server-optimizer:
          fedavg: {learning-rate: 1.0}
        selection: {minimum-cohort: \(nodes), quorum: \(nodes), deadline-seconds: 1800}

        """
    }
}
