import ArgumentParser

/// Experiments on one machine.
@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Experiments on one machine: whole federations, pooled training, baselines, privacy accounting, made-up worlds.",
        subcommands: [Train.self, Run.self, Baseline.self, Epsilon.self, Generate.self, Split.self, NoiseTest.self, NoiseSpeed.self, SecureAggregationCost.self, Audit.self])
}
