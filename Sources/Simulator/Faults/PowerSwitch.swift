internal import Synchronization

/// The power of one run of a simulated process. Once it is off it stays off: what the process still does reaches neither its
/// storage nor anybody else, as after a SIGKILL.
final class PowerSwitch: Sendable {
    private let on = Atomic<Bool>(true)
    private let watchers = Watchers()
    private let executor: SimulationExecutor

    init(executor: SimulationExecutor) { self.executor = executor }

    var isOn: Bool { on.load(ordering: .sequentiallyConsistent) }

    func turnOff() {
        on.store(false, ordering: .sequentiallyConsistent)
        Task(executorPreference: executor) { [watchers] in await watchers.wake() }
    }

    /// Throws when the power is off.
    func check() throws { if !isOn { throw PowerFailure() } }

    /// The body's result, or `PowerFailure` as soon as the power is off.
    func whileOn<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { tasks in
            defer { tasks.cancelAll() }
            tasks.addTask { try await body() }
            tasks.addTask { [self] in
                try await watchers.wait(power: self)
                throw PowerFailure()
            }
            guard let result = try await tasks.next() else { throw PowerFailure() }
            try check()
            return result
        }
    }

    private actor Watchers {
        private var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        private var next = 0

        /// Returns when the power is off.
        func wait(power: PowerSwitch) async throws {
            next += 1
            let number = next
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                    if Task.isCancelled { continuation.resume(throwing: CancellationError()) } else if !power.isOn { continuation.resume() } else { waiting[number] = continuation }
                }
            } onCancel: {
                Task(executorPreference: power.executor) { await self.cancel(number) }
            }
        }
        private func cancel(_ number: Int) { waiting.removeValue(forKey: number)?.resume(throwing: CancellationError()) }
        func wake() {
            let all = waiting
            waiting = [:]
            for number in all.keys.sorted() { all[number]?.resume() }
        }
    }
}

/// The simulated process was killed.
struct PowerFailure: Error {}
