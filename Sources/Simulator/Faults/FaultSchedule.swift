import CoordinatorCore
import EdgeRuntime
import Federation
import SeededRandom

/// Decides, request by request, what the fault plan makes of it.
actor FaultSchedule {
    /// What becomes of one request.
    struct Fate: Sendable {
        var requestDelay: Duration
        var answerDelay: Duration
        var requestLost = false
        var answerLost = false
    }

    private let plan: FaultPlan
    private let stream: RandomStream
    private var counts: [Int: Int] = [:]
    private var requests: [NodeID: Int] = [:]
    private var done: Set<Int> = []

    init(plan: FaultPlan, seed: UInt64) {
        self.plan = plan
        stream = RandomStream(seed: seed, "simulated wire")
    }

    func fate(of kind: RequestKind, from node: NodeID) -> Fate {
        // A node's numbers depend on its own requests only, not on how those of different nodes interleave.
        requests[node, default: 0] += 1
        var stream = stream.child(node.name).child(requests[node, default: 0])
        var fate = Fate(requestDelay: delay(&stream), answerDelay: delay(&stream))
        fate.requestLost = stream.bernoulli(plan.lossRate)
        fate.answerLost = stream.bernoulli(plan.lossRate)
        for (index, fault) in plan.faults.enumerated() {
            switch fault {
            case .lostRequest(let match) where isDue(index, match, kind, node): fate.requestLost = true
            case .lostAnswer(let match) where isDue(index, match, kind, node): fate.answerLost = true
            case .delayed(let match, let duration) where isDue(index, match, kind, node): fate.requestDelay += duration
            default: break
            }
        }
        return fate
    }

    private func isDue(_ index: Int, _ match: RequestMatch, _ kind: RequestKind, _ node: NodeID) -> Bool {
        guard match.node == nil || match.node == node, match.kind == nil || match.kind == kind else { return false }
        counts[index, default: 0] += 1
        return counts[index] == match.occurrence
    }

    private func delay(_ stream: inout RandomStream) -> Duration {
        let shortest = plan.latency.lowerBound.milliseconds
        let range = plan.latency.upperBound.milliseconds - shortest
        return .milliseconds(shortest + (range > 0 ? Int64(stream.below(Int(range) + 1)) : 0))
    }

    /// Bytes after which the node's upload for the round breaks; told once.
    func interruption(of node: NodeID, round: RoundNumber) -> Int? {
        for (index, fault) in plan.faults.enumerated() where !done.contains(index) {
            if case .interruptedUpload(node, round.value, let bytes) = fault {
                done.insert(index)
                return bytes
            }
        }
        return nil
    }

    /// How long the node is down when it dies at this point; told once.
    func crash(of node: NodeID, at point: NodeFaultPoint, round: RoundNumber) -> Duration? {
        for (index, fault) in plan.faults.enumerated() where !done.contains(index) {
            if case .nodeCrash(node, round.value, point, let duration) = fault {
                done.insert(index)
                return duration
            }
        }
        return nil
    }

    /// The coordinator's crashes that are still to come.
    nonisolated var coordinatorCrashes: [(point: FaultPoint, occurrence: Int, downFor: Duration)] {
        plan.faults.compactMap { if case .coordinatorCrash(let point, let occurrence, let duration) = $0 { (point, occurrence, duration) } else { nil } }
    }
}
