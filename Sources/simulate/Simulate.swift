import ArgumentParser

/// Experiments on one machine.
@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Experiments on one machine: baselines on files of events.",
        subcommands: [Baseline.self, Generate.self, Split.self])
}
