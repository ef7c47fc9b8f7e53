public import Foundation
public import Subprocess

/// Starts processes that end with the closure of `withProcesses`.
public struct ProcessLauncher: Sendable {
    let launches: AsyncStream<RunningProcess>.Continuation

    /// Starts an executable.
    /// - Parameters:
    ///   - executable: a path, or the name of an executable of this package, which is taken from the folder the tests were built into.
    ///   - environment: added to the environment of the tests.
    ///   - timeLimit: after it the process is killed and the test fails.
    public func launch(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], timeLimit: Duration = .seconds(240)
    ) -> RunningProcess {
        let path = executable.contains("/") ? executable : BuildProducts.path(executable)
        let process = RunningProcess(executable: path, arguments: arguments, environment: environment, timeLimit: timeLimit)
        launches.yield(process)
        return process
    }

    /// Runs an executable to its end.
    @discardableResult
    public func run(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], timeLimit: Duration = .seconds(240)
    ) async throws -> FinishedProcess {
        let process = launch(executable, arguments, environment: environment, timeLimit: timeLimit)
        let status = try await process.end()
        return FinishedProcess(
            command: process.command, status: status, output: await process.text(on: .output), error: await process.text(on: .error))
    }
}

/// What a process left behind.
public struct FinishedProcess: Sendable, CustomStringConvertible {
    public var command: String
    public var status: TerminationStatus
    public var output: String
    public var error: String
    public var exitCode: Int? { if case .exited(let code) = status { Int(code) } else { nil } }
    public var description: String { "\(command): \(status)\n\(output)\n\(error)" }
}

/// The folder of built executables.
public enum BuildProducts {
    /// The folder of the running test executable, which is the build folder.
    public static let directory: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(filePath: own).deletingLastPathComponent()
    }()
    public static func path(_ name: String) -> String { directory.appending(path: name).plainPath }
    public static func has(_ name: String) -> Bool { FileManager.default.isExecutableFile(atPath: path(name)) }
}

/// Runs the closure with a launcher; when the closure ends, so does every process it started.
@discardableResult
public func withProcesses<Result: Sendable>(_ body: @escaping @Sendable (ProcessLauncher) async throws -> Result) async throws -> Result {
    let (launches, continuation) = AsyncStream<RunningProcess>.makeStream()
    return try await withThrowingTaskGroup(of: Result?.self) { tasks in
        tasks.addTask {
            await withDiscardingTaskGroup { running in
                for await process in launches { running.addTask { await process.run() } }
                running.cancelAll()
            }
            return nil
        }
        tasks.addTask {
            defer { continuation.finish() }
            return try await body(ProcessLauncher(launches: continuation))
        }
        var result: Result?
        while let next = try await tasks.next() { if let next { result = next } }
        guard let result else { throw CancellationError() }
        return result
    }
}
