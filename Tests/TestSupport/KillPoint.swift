public import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Ends the process as SIGKILL does, at a named point, as told by the environment of a test executable.
///
/// `TEST_KILL_AT=after sum#2` dies when the point is passed for the second time; without `#` the first time. Only the tests' own
/// executables look at it.
public final class KillPoint: Sendable {
    public static let variable = "TEST_KILL_AT"
    private let name: String
    private let occurrence: Int
    private let passed = Atomic<Int>(0)

    /// `nil` without the variable.
    public init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard let text = environment[Self.variable] else { return nil }
        let parts = text.split(separator: "#", maxSplits: 1).map(String.init)
        guard let name = parts.first else { return nil }
        self.name = name
        occurrence = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
    }

    /// Called at every point.
    public func pass(_ point: String) {
        guard point == name, passed.add(1, ordering: .sequentiallyConsistent).newValue == occurrence else { return }
        kill(getpid(), SIGKILL)
    }
}

/// Seed of reproducible noise for a test executable, from `TEST_NOISE_SEED`; `nil` without.
public func testNoiseSeed(environment: [String: String] = ProcessInfo.processInfo.environment) -> UInt64? {
    environment["TEST_NOISE_SEED"].flatMap { UInt64($0) }
}
