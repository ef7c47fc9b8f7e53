import ArgumentParser
import Foundation
import Workloads

/// Ours and the peers in turns.
struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Run ours and the peers in turns and print one table.")

    @Option(help: ArgumentHelp("Only the tasks whose names begin so, separated by commas: sasrec,gru4rec,private,ials,bpr,sgns,search.", valueName: "names"))
    var only: String?
    @Flag(help: "A small workload and few repetitions: whether everything runs, not how fast.") var quick = false
    @Option(help: "Repetitions that count.") var repetitions = 5
    @Option(help: "Threads of each side.") var threads = 2
    @Option(help: "Seed of the workload, parameters and order.") var seed: UInt64 = 1
    @Option(help: "Dropout of SASRec, both sides.") var dropout: Float = 0.2
    @OptionGroup(title: "Workload") var size: WorkloadSize
    @Option(help: ArgumentHelp("Folder for workload files.", valueName: "folder")) var directory: String
    @Option(help: ArgumentHelp("Folder with the peers' files.", valueName: "folder")) var peers: String
    @Option(help: ArgumentHelp("Python that has the peers; without it the table has ours alone.", valueName: "file")) var python: String?
    @Option(help: ArgumentHelp("Append a JSON line for each row to this file.", valueName: "file")) var append: String?
    @Option(help: "Commit that was built, for the JSON lines.") var commit = ""
    @Option(help: "Command that was typed, for the JSON lines.") var command = ""

    var tasks: [BenchmarkTask] {
        guard let only else { return BenchmarkTask.allCases }
        let prefixes = only.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        return BenchmarkTask.allCases.filter { task in prefixes.contains { task.rawValue.hasPrefix($0) } }
    }

    func validate() throws {
        guard !tasks.isEmpty else {
            throw ValidationError("--only \(only ?? "") names no task; there are \(BenchmarkTask.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard repetitions >= 1, threads >= 1 else { throw ValidationError("--repetitions and --threads must be at least 1") }
    }

    func run() async throws {
        // A side that dies is a row in the table, not the end of the run.
        signal(SIGPIPE, SIG_IGN)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        WorkloadsCommand.note("measuring the machine")
        let machine = await Machine.measured(threads: threads)
        var files = WorkloadFiles(directory: directory, size: quick ? size.small : size, quick: quick, seed: seed)
        var table = ComparisonTable(machine: machine, workload: "")
        for task in tasks {
            for workload in try files.workloads(of: task) {
                WorkloadsCommand.note("\(task.rawValue)\(workload.label)")
                let row = compare(task, workload, machine)
                table.rows.append(row)
                WorkloadsCommand.note(ComparisonTable.line(row))
                if let append { try record(row, files.description, machine, in: append) }
            }
        }
        table.workload = files.description
        WorkloadsCommand.output(table.text)
    }

    private func compare(_ task: BenchmarkTask, _ workload: WorkloadFiles.Workload, _ machine: Machine) -> ComparisonRow {
        let shared = ["--workload", workload.path, "--threads", "\(threads)", "--seed", "\(seed)", "--dropout", "\(dropout)"]
        let ours = Contestant(command: [CommandLine.arguments[0], "ours", task.rawValue] + shared)
        let peer = python.map { python in
            Contestant(command: [python, "\(peers)/\(task.peerFile)"] + shared + ["--task", task.rawValue, "--length", "\(task.length)"])
        }
        for repetition in 0..<(quick ? min(repetitions, 2) : repetitions) {
            // Who goes first changes, so that neither side always meets the other's warm caches or clock.
            for side in repetition.isMultiple(of: 2) ? [ours, peer] : [peer, ours] { side?.turn() }
        }
        ours.finish()
        peer?.finish()
        let reasons = [ours.absence.map { "ours: \($0)" }, peer.map(\.absence) ?? "no Python with the peers"].compactMap { $0 }
        return ComparisonRow(
            task: task.rawValue + workload.label, unit: task.unit, threads: threads, ours: ours.measured, peer: peer?.measured,
            absent: reasons.isEmpty ? nil : reasons.joined(separator: "; "), work: workload.work(task, machine))
    }

    private func record(_ row: ComparisonRow, _ data: String, _ machine: Machine, in path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = try encoder.encode(RecordedRow(command: command, commit: commit, data: data, machine: machine, row: row)) + Data("\n".utf8)
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seekToEnd()
        try file.write(contentsOf: line)
        try file.close()
    }
}

/// A row as a line of results.
private struct RecordedRow: Encodable {
    var command: String
    var commit: String
    var data: String
    var machine: Machine
    var row: ComparisonRow
}
