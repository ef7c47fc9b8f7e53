internal import Dispatch
internal import Synchronization

/// Runs every task and actor of a simulation and notices when none of them can go on.
///
/// Time in a simulation passes only while everybody waits. Which tasks wait cannot be asked of the concurrency runtime, but
/// an executor sees every piece of work that becomes runnable: once all of it has run, everything is waiting, either for the
/// clock or for ever. Then `whenIdle` is called, with nothing else running.
///
/// One queue with one piece of work at a time makes a run repeatable to the last interleaving. Work that leaves the executor (an
/// unstructured task without executor preference) would go unseen, so the production code below has none.
package final class SimulationExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "tributary.simulation")
    private let runnable = Atomic<Int>(0)
    private let whenIdle: @Sendable (SimulationExecutor) -> Void

    init(whenIdle: @escaping @Sendable (SimulationExecutor) -> Void) { self.whenIdle = whenIdle }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        run(on: queue) { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Counts the work as runnable until it has run.
    fileprivate func run(on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void) {
        runnable.add(1, ordering: .sequentiallyConsistent)
        queue.async {
            work()
            if self.runnable.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { self.whenIdle(self) }
        }
    }

    /// Calls the closure after a moment of real time if nothing is runnable then: work that left the executor for a while, as
    /// libraries may do when they are cancelled, is not taken for a standstill.
    func ifStillIdle(_ body: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + .milliseconds(200)) {
            if self.runnable.load(ordering: .sequentiallyConsistent) == 0 { body() }
        }
    }
}

/// Runs the simulation's arithmetic on all cores. Time stands still meanwhile, because its work counts as the simulation's.
package final class SimulationComputeExecutor: TaskExecutor {
    private let simulation: SimulationExecutor
    private let queue = DispatchQueue(label: "tributary.simulation.compute", attributes: .concurrent)

    package init(_ simulation: SimulationExecutor) { self.simulation = simulation }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        simulation.run(on: queue) { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
