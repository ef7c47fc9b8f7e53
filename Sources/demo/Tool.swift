import CommandSupport
import FoundationEssentials
import Subprocess
import SystemPackage

/// One of the project's executables, run as a process of its own.
struct Tool: Sendable {
    var path: String

    /// Runs to the end and returns standard output; a failure carries what the process said.
    @discardableResult
    func run(_ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), output: .string(limit: 64 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            let said = result.standardError + result.standardOutput
            throw CommandFailure(.failure, "\(path) \(arguments.joined(separator: " ")) ended with \(result.terminationStatus):\n\(said)")
        }
        return result.standardOutput
    }

    /// Runs and decodes the JSON values it prints, one per line.
    func values<Value: Decodable>(_ type: Value.Type, _ arguments: [String]) async throws -> [Value] {
        try await run(arguments).split(separator: "\n").map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
    }

    /// Runs until cancelled, then asks it to stop and waits. Standard error goes to the log file.
    /// - Parameter onLine: called for each line of standard output.
    func serve(_ arguments: [String], log: String, onLine: @escaping @Sendable (String) async throws -> Void) async throws {
        let file = try FileDescriptor.open(FilePath(log), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(20))]
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), platformOptions: options, input: .none, output: .sequence,
            error: .fileDescriptor(file, closeAfterSpawningProcess: true)
        ) { execution in
            for try await line in execution.standardOutput.strings() { try await onLine(line) }
        }
        guard Task.isCancelled else {
            throw CommandFailure(.failure, "\(path) \(arguments.first ?? "") ended by itself with \(result.terminationStatus); its log is \(log)")
        }
    }
}
