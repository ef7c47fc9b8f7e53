import ArgumentParser
import Workloads

/// A workload as a file.
struct GenerateWorkload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Write a workload file: interactions of a synthetic world or of a data file, or vectors.")

    @Option(help: ArgumentHelp("Write vectors for search instead of interactions: how many.", valueName: "count")) var vectors: Int?
    @OptionGroup var size: WorkloadSize
    @Option(help: "Seed.") var seed: UInt64 = 1
    @Argument(help: "Where to write.") var file: String

    func run() async throws {
        if let vectors {
            try VectorWorkload(items: vectors, width: 64, queries: 200, seed: seed).write(to: file)
        } else {
            try size.interactions(seed: seed).write(to: file)
        }
    }
}

/// Which interactions.
struct WorkloadSize: ParsableArguments {
    @Option(help: ArgumentHelp("Use the events of this file, in any format that `simulate` reads, instead of the synthetic world.", valueName: "file"))
    var data: String?
    @Option(help: "Users of the synthetic world.") var users = 6040
    @Option(help: "Items of the synthetic world.") var items = 3416
    @Option(help: "Mean number of events of a user of the synthetic world.") var meanEvents = 165.0

    func interactions(seed: UInt64) throws -> InteractionWorkload {
        if let data { return try InteractionWorkload(data: data) }
        return try InteractionWorkload(users: users, items: items, meanEvents: meanEvents, seed: seed)
    }
}

/// What the machine can do at best.
struct MachineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "machine", abstract: "Measure the machine's products and memory alone.")

    @Option(help: "Threads.") var threads = 2

    func run() async throws { WorkloadsCommand.output(await Machine.measured(threads: threads).summary) }
}
