import DifferentialPrivacy
import EdgeRuntime
import Federation
import Logging
import SecureAggregation
import Synchronization

/// A node's machine: runs the production node until the plan is over, kills it where the fault plan says, and starts it again.
struct SimulatedNode: Sendable {
    let node: NodeID
    let storage: any NodeStorage
    let host: CoordinatorHost
    let schedule: FaultSchedule
    let clock: VirtualClock
    let noise: any NoiseSource
    let aggregationKey: SigningKey?
    let entropy: any EntropySource
    let policy: BudgetPolicy
    let options: NodeOptions
    let computeExecutor: SimulationComputeExecutor?
    let observe: @Sendable (NodeID, NodeProgress) -> Void
    let logger: Logger

    func run() async throws -> RunEnd {
        while true {
            let power = PowerSwitch(executor: clock.executor)
            let downtime = Downtime()
            do {
                return try await power.whileOn { try await runOnce(power, downtime) }
            } catch where !power.isOn {
                logger.notice("node died (simulated)", metadata: ["node": "\(node)", "down.ms": "\(downtime.pause.milliseconds)"])
                try await clock.sleep(until: clock.now + downtime.pause)
            }
        }
    }

    private func runOnce(_ power: PowerSwitch, _ downtime: Downtime) async throws -> RunEnd {
        let runner = NodeRunner(
            node: node, coordinator: FaultyWire(node: node, power: power, host: host, schedule: schedule, clock: clock),
            storage: PoweredNodeStorage(storage: storage, power: power), noise: noise, aggregationKey: aggregationKey,
            entropy: entropy, clock: clock, policy: policy, options: options,
            computeExecutor: computeExecutor, faults: { point, round in
                guard let pause = await schedule.crash(of: node, at: point, round: round) else { return }
                downtime.milliseconds.store(pause.milliseconds, ordering: .sequentiallyConsistent)
                power.turnOff()
                throw NodeFault()
            },
            observe: { observe(node, $0) }, logger: logger)
        return try await runner.run()
    }

    /// How long the node stays down after its death.
    private final class Downtime: Sendable {
        let milliseconds = Atomic<Int64>(0)
        var pause: Duration { .milliseconds(milliseconds.load(ordering: .sequentiallyConsistent)) }
    }
}
