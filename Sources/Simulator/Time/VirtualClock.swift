package import Federation
internal import HeapModule
internal import Synchronization

/// Time that passes only while everybody waits for it, and then at once: an hour's deadline costs nothing, and nothing is ever late.
package final class VirtualClock: FederationClock {
    private let milliseconds: Atomic<Int64>
    private let sleepers: Sleepers
    package let executor: SimulationExecutor

    /// - Parameters:
    ///   - start: the time at the beginning.
    ///   - end: a simulation that gets there has gone wrong; see ``stall()``.
    package init(start: WallTime, end: WallTime) {
        milliseconds = Atomic(start.milliseconds)
        let sleepers = Sleepers(end: end)
        self.sleepers = sleepers
        executor = SimulationExecutor { executor in
            switch sleepers.state {
            case .somebodySleeps: Task(executorPreference: executor) { await sleepers.advance() }
            case .nobodySleeps:
                executor.ifStillIdle {
                    guard sleepers.state == .nobodySleeps else { return }
                    Task(executorPreference: executor) { await sleepers.end(.everybodyWaits) }
                }
            case .over: break
            }
        }
    }

    package var now: WallTime { WallTime(milliseconds: milliseconds.load(ordering: .sequentiallyConsistent)) }

    package func sleep(until time: WallTime) async throws {
        try Task.checkCancellation()
        guard time > now else { return }
        try await sleepers.sleep(until: time, clock: self)
    }

    /// Waits until nothing can happen any more: everybody waits, nobody for the clock; or the end of time is reached. `nil` after ``stop()``.
    package func stall() async -> SimulationStall? { await sleepers.stall() }

    /// No more time passes.
    package func stop() async { await sleepers.end(nil) }

    fileprivate func set(_ time: WallTime) { milliseconds.store(time.milliseconds, ordering: .sequentiallyConsistent) }
}

/// Why a simulation cannot go on.
package enum SimulationStall: Sendable, Hashable { case everybodyWaits, endOfTime }

/// Who sleeps until when.
private actor Sleepers {
    private struct Sleeper {
        var clock: VirtualClock
        var continuation: CheckedContinuation<Void, any Error>
    }
    private struct Alarm: Comparable {
        var time: WallTime
        /// Order of falling asleep: who slept first wakes first among equals.
        var number: Int
        static func < (left: Alarm, right: Alarm) -> Bool { (left.time, left.number) < (right.time, right.number) }
    }
    /// By number; who was cancelled is here no longer.
    private var sleepers: [Int: Sleeper] = [:]
    private var alarms = Heap<Alarm>()
    private var next = 0
    private var watchers: [CheckedContinuation<SimulationStall?, Never>] = []
    private var found: SimulationStall?
    private let endOfTime: WallTime
    /// Read outside the actor, when nothing runs.
    private nonisolated let stateFlag = StateFlag()
    nonisolated var state: SleepersState { SleepersState(rawValue: stateFlag.value.load(ordering: .sequentiallyConsistent)) ?? .over }

    init(end: WallTime) { endOfTime = end }

    private func updateState() {
        if state != .over { stateFlag.value.store((sleepers.isEmpty ? SleepersState.nobodySleeps : .somebodySleeps).rawValue, ordering: .sequentiallyConsistent) }
    }

    func sleep(until time: WallTime, clock: VirtualClock) async throws {
        next += 1
        let number = next
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                sleepers[number] = Sleeper(clock: clock, continuation: continuation)
                alarms.insert(Alarm(time: time, number: number))
                updateState()
            }
        } onCancel: {
            Task(executorPreference: clock.executor) { await self.cancel(number) }
        }
    }

    private func cancel(_ number: Int) {
        // Not there yet: the check before falling asleep finds the cancellation.
        guard let sleeper = sleepers.removeValue(forKey: number) else { return }
        sleeper.continuation.resume(throwing: CancellationError())
        updateState()
    }

    /// Moves time to the earliest sleeper and wakes everybody due.
    func advance() {
        guard state == .somebodySleeps else { return }
        while let alarm = alarms.min, sleepers[alarm.number] == nil { alarms.removeMin() }
        guard let earliest = alarms.min else { return }
        guard earliest.time <= endOfTime else { return end(.endOfTime) }
        sleepers[earliest.number]?.clock.set(earliest.time)
        var due: [Sleeper] = []
        while let alarm = alarms.min, alarm.time <= earliest.time {
            alarms.removeMin()
            if let sleeper = sleepers.removeValue(forKey: alarm.number) { due.append(sleeper) }
        }
        updateState()
        for sleeper in due { sleeper.continuation.resume() }
    }

    func stall() async -> SimulationStall? {
        if state == .over { return found }
        return await withCheckedContinuation { watchers.append($0) }
    }

    /// No more time passes.
    func end(_ stall: SimulationStall?) {
        guard state != .over else { return }
        found = stall
        stateFlag.value.store(SleepersState.over.rawValue, ordering: .sequentiallyConsistent)
        let waiting = watchers
        watchers = []
        for watcher in waiting { watcher.resume(returning: stall) }
    }
}

private enum SleepersState: Int { case nobodySleeps, somebodySleeps, over }

private final class StateFlag: Sendable {
    let value = Atomic<Int>(SleepersState.nobodySleeps.rawValue)
}
