public import ArgumentParser

/// How a command ended. The numbers follow `sysexits.h`, so that scripts and supervisors can tell what to do next;
/// `docs/guides/exit-codes.md` gives cause and remedy of each.
public enum ExitStatus: Int32, Sendable, CaseIterable {
    case success = 0
    /// Something failed that no other code describes.
    case failure = 1
    /// The command line is wrong: read the message and `--help`.
    case usage = 64
    /// Input has the wrong form: a malformed event, plan, catalog or model.
    case dataError = 65
    /// An input file does not exist or cannot be read.
    case noInput = 66
    /// The other side does not answer, or a port is in use: retry, or start it.
    case unavailable = 69
    /// A defect of the program: please report it with the log.
    case internalError = 70
    /// A file or directory cannot be created, or is there already.
    case cannotCreate = 73
    /// Reading or writing failed, for instance because the disk is full.
    case ioError = 74
    /// The other side refused: unknown, revoked, wrong federation, or a token that is used up.
    case refused = 77
    /// Configuration or state is missing or contradictory: run the command that the message names first.
    case configuration = 78
    /// The privacy budget of the node's users does not cover what was asked.
    case budgetExhausted = 79

    /// The same, for `ParsableCommand` to exit with.
    public var exitCode: ExitCode { ExitCode(rawValue) }
}

/// An error of a command that already knows how the process should end.
public struct CommandFailure: Error, Sendable, CustomStringConvertible {
    public var status: ExitStatus
    /// Names cause and remedy.
    public var message: String
    public init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
    public var description: String { message }
}

/// Runs the body of a command; an error becomes one line on standard error and the exit status that `status` finds for it.
public func reportingFailures(
    _ status: (any Error) -> ExitStatus, _ body: () async throws -> Void
) async throws {
    do { try await body() } catch let error as ExitCode { throw error } catch let error as CleanExit { throw error } catch let error as ValidationError {
        throw error
    } catch {
        let failure = error as? CommandFailure
        StandardStreams.error("error: \(failure?.message ?? "\(error)")")
        throw (failure?.status ?? status(error)).exitCode
    }
}
