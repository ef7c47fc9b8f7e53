public import ArgumentParser
public import Workloads

extension BenchmarkTask: ExpressibleByArgument {}

/// Our side of a task, by the contract that the peers keep too.
struct Ours: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ours", abstract: "Run our side of a task: a repetition for each line `run` on standard input, the end at `finish`.")

    @Argument(help: "The task.") var task: BenchmarkTask
    @Option(help: ArgumentHelp("Workload file.", valueName: "file")) var workload: String
    @Option(help: "Threads to compute with.") var threads = 2
    @Option(help: "Seed of parameters, order and negatives.") var seed: UInt64 = 1
    @Option(help: "Dropout of tasks that have any.") var dropout: Float = 0.2
    @Option(help: "Run so often and end, instead of waiting for lines.") var repetitions: Int?

    func run() async throws {
        let contender = try await task.contender(ContenderOptions(workload: workload, threads: threads, seed: seed, dropout: dropout))
        var server = TurnServer(contender, threads: threads, write: WorkloadsCommand.output)
        try await server.serve(repetitions: repetitions)
    }
}
