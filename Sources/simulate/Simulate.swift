import ArgumentParser

/// Experiments on one machine.
@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Experiments on one machine: whole federations, baselines, made-up worlds.",
        subcommands: [Run.self, Baseline.self, Generate.self, Split.self])
}
