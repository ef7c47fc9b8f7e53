#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A point of wall-clock time that survives a restart: milliseconds since 1970-01-01T00:00:00Z.
public struct WallTime: Sendable, Hashable, Comparable {
    public var milliseconds: Int64
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public static func < (a: WallTime, b: WallTime) -> Bool { a.milliseconds < b.milliseconds }
    public static func + (time: WallTime, duration: Duration) -> WallTime {
        WallTime(milliseconds: time.milliseconds + duration.milliseconds)
    }
    public static func - (a: WallTime, b: WallTime) -> Duration { .milliseconds(a.milliseconds - b.milliseconds) }
}

extension Duration {
    /// Whole milliseconds, rounded toward zero.
    public var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

/// Time as the federation sees it; virtual in the simulator.
public protocol FederationClock: Sendable {
    var now: WallTime { get }
    /// Returns at the time or later. Throws `CancellationError` when the task is cancelled.
    func sleep(until time: WallTime) async throws
}

/// The system's clock.
public struct SystemClock: FederationClock {
    public init() {}
    public var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
    public func sleep(until time: WallTime) async throws {
        let left = time - now
        if left > .zero { try await Task.sleep(for: left) }
    }
}
