#if canImport(Glibc)
import Glibc
#endif
public import Subprocess
#if canImport(System)
import System
#else
import SystemPackage
#endif

/// A child process of a test: its lines so far, its end, and a way to wait for either.
///
/// It is made by `ProcessLauncher.launch` and lives at most until the closure of `withProcesses` returns; a process still
/// running then, or after its time limit, is killed, and what waited for it throws with everything the process had said.
public actor RunningProcess {
    /// Where a line came from.
    public enum Channel: Sendable { case output, error }
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
        public init(description: String) { self.description = description }
    }

    public nonisolated let command: String
    private let executable: String
    private let arguments: [String]
    private let environment: [String: String]
    private let timeLimit: Duration

    private var lines: [(channel: Channel, text: String)] = []
    private var execution: Execution<NoInput, SequenceOutput, SequenceOutput>?
    private var status: TerminationStatus?
    private var launchFailure: String?
    private var changes: [CheckedContinuation<Void, Never>] = []

    init(executable: String, arguments: [String], environment: [String: String], timeLimit: Duration) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.timeLimit = timeLimit
        command = ([executable.split(separator: "/").last.map(String.init) ?? executable] + arguments).joined(separator: " ")
    }

    /// Runs the process to its end. Cancelling kills it.
    func run() async {
        do {
            status = try await withThrowingTaskGroup(of: TerminationStatus?.self) { tasks in
                tasks.addTask { try await self.execute() }
                tasks.addTask { [timeLimit] in
                    try await Task.sleep(for: timeLimit)
                    return nil
                }
                defer { tasks.cancelAll() }
                guard let first = try await tasks.next(), let status = first else { throw Failure(description: "time limit of \(timeLimit) reached") }
                return status
            }
        } catch {
            launchFailure = "\(error)"
        }
        execution = nil
        wake()
    }

    private func execute() async throws -> TerminationStatus {
        let updates = Dictionary(environment.compactMap { key, value in Environment.Key(rawValue: key).map { ($0, Optional(value)) } }) { $1 }
        let result = try await Subprocess.run(
            .path(FilePath(executable)), arguments: Arguments(arguments), environment: .inherit.updating(updates), input: .none, output: .sequence, error: .sequence
        ) { execution in
            self.started(execution)
            try await withThrowingTaskGroup(of: Void.self) { readers in
                readers.addTask { for try await line in execution.standardOutput.strings() { await self.receive(.output, line) } }
                readers.addTask { for try await line in execution.standardError.strings() { await self.receive(.error, line) } }
                try await readers.waitForAll()
            }
        }
        return result.terminationStatus
    }

    private func started(_ execution: Execution<NoInput, SequenceOutput, SequenceOutput>) {
        self.execution = execution
        wake()
    }
    private func receive(_ channel: Channel, _ text: String) {
        lines.append((channel, text))
        wake()
    }
    private func wake() {
        let waiting = changes
        changes = []
        for continuation in waiting { continuation.resume() }
    }
    private func change() async { await withCheckedContinuation { changes.append($0) } }
    private var ended: Bool { status != nil || launchFailure != nil }
}

extension RunningProcess {
    /// Waits for the first line (from the beginning) for which the test holds.
    /// - Throws: `Failure` with everything the process said, when it ends without such a line.
    @discardableResult
    public func line(on channel: Channel? = nil, where test: @Sendable (String) -> Bool) async throws -> String {
        var seen = 0
        while true {
            while seen < lines.count {
                let line = lines[seen]
                seen += 1
                if channel == nil || channel == line.channel, test(line.text) { return line.text }
            }
            guard !ended else { throw Failure(description: "no such line until it ended with \(status.map { "\($0)" } ?? launchFailure ?? "nothing"): \(transcript)") }
            await change()
        }
    }

    /// Waits for the first line that contains the text.
    @discardableResult
    public func line(containing text: String) async throws -> String { try await line { $0.contains(text) } }

    /// Waits for the end.
    /// - Throws: `Failure` when the process could not be started or ran into its time limit.
    @discardableResult
    public func end() async throws -> TerminationStatus {
        while true {
            if let status { return status }
            if let launchFailure { throw Failure(description: "\(launchFailure): \(transcript)") }
            await change()
        }
    }

    /// Waits for the end.
    /// - Throws: `Failure` with everything the process said, when it ends otherwise than expected.
    public func end(as expected: TerminationStatus) async throws {
        let status = try await end()
        guard status == expected else { throw Failure(description: "ended with \(status) instead of \(expected): \(transcript)") }
    }

    /// Sends a signal once the process runs; sending to one that has ended does nothing.
    public func send(_ signal: Signal) async throws {
        while execution == nil, !ended { await change() }
        guard let execution, !ended else { return }
        do { try execution.send(signal: signal) } catch { if !ended { throw error } }
    }

    public func text(on channel: Channel? = nil) -> String {
        lines.filter { channel == nil || $0.channel == channel }.map(\.text).joined(separator: "\n")
    }

    /// The command and everything it said so far, for messages.
    public var transcript: String { "\(command)\n" + lines.map { ($0.channel == .error ? "  ! " : "  > ") + $0.text }.joined(separator: "\n") }
}
