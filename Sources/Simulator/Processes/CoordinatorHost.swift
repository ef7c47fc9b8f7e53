import CoordinatorCore
import DifferentialPrivacy
import Federation
import Logging
import Synchronization

/// The coordinator's machine: starts the production coordinator, kills it where the fault plan says, and starts it again.
actor CoordinatorHost {
    private let storage: any CoordinatorStorage
    private let clock: VirtualClock
    private let noise: any NoiseSource
    private let logger: Logger
    private let crashes: CoordinatorCrashes
    private var current: (coordinator: Coordinator, power: PowerSwitch)?
    /// Times the coordinator was started.
    private(set) var starts = 0

    init(storage: any CoordinatorStorage, schedule: FaultSchedule, clock: VirtualClock, noise: any NoiseSource, logger: Logger) {
        self.storage = storage
        self.clock = clock
        self.noise = noise
        self.logger = logger
        crashes = CoordinatorCrashes(schedule.coordinatorCrashes)
    }

    /// A node's session with the coordinator that runs now and the power it runs on; `nil` while it is down.
    func session(for node: NodeID) -> (any CoordinatorPort, PowerSwitch)? {
        guard let current else { return nil }
        return (current.coordinator.session(for: node), current.power)
    }

    /// Runs the coordinator, through all its deaths, until the task is cancelled.
    func run() async throws {
        while true {
            let power = PowerSwitch(executor: clock.executor)
            do {
                try await power.whileOn { try await self.runOnce(power) }
                return
            } catch where !power.isOn {
                current = nil
                let pause = crashes.pauseAfterLatest
                logger.notice("coordinator died (simulated)", metadata: ["down.ms": "\(pause.milliseconds)"])
                try await clock.sleep(until: clock.now + pause)
            }
        }
    }

    private func runOnce(_ power: PowerSwitch) async throws {
        starts += 1
        let crashes = crashes
        let coordinator = Coordinator(
            storage: PoweredCoordinatorStorage(storage: storage, power: power), clock: clock, noise: noise, logger: logger
        ) { point in
            // What a dead coordinator still passes does not count.
            if power.isOn, crashes.isDue(at: point) { power.turnOff() }
        }
        current = (coordinator, power)
        try await coordinator.runUntilCancelled()
    }
}

/// Counts how often each point was passed. The hook it serves is synchronous, so the counters are atomic.
private final class CoordinatorCrashes: Sendable {
    private struct Crash: Sendable {
        var point: FaultPoint
        var occurrence: Int
        var downFor: Duration
    }
    private let crashes: [Crash]
    private let passed: [FaultPoint: Counter]
    private let latest = Counter()

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    init(_ crashes: [(point: FaultPoint, occurrence: Int, downFor: Duration)]) {
        self.crashes = crashes.map { Crash(point: $0.point, occurrence: $0.occurrence, downFor: $0.downFor) }
        passed = Dictionary(uniqueKeysWithValues: FaultPoint.allCases.map { ($0, Counter()) })
    }

    func isDue(at point: FaultPoint) -> Bool {
        guard let counter = passed[point] else { return false }
        let count = counter.value.add(1, ordering: .sequentiallyConsistent).newValue
        guard let index = crashes.firstIndex(where: { $0.point == point && $0.occurrence == count }) else { return false }
        latest.value.store(index, ordering: .sequentiallyConsistent)
        return true
    }

    var pauseAfterLatest: Duration { crashes.isEmpty ? .zero : crashes[latest.value.load(ordering: .sequentiallyConsistent)].downFor }
}
