import CoordinatorCore
import DifferentialPrivacy
import EdgeRuntime
import Federation
import RecommenderModels
import Tensors

extension Simulation {
    /// Puts the coordinator's records and the nodes' local reports together.
    func result(
        of storage: any CoordinatorStorage, plan digest: Digest, nodes: [SimulatedNodeReport], trained: [TrainedUsers], starts: Int, time: Duration
    ) async throws -> SimulationResult {
        guard let newest = try await storage.models().filter({ $0.plan == digest }).max(by: { $0.reference.round < $1.reference.round })?.reference else {
            throw SimulationError(.invalidSetup, refusals(nodes))
        }
        let bytes = try await storage.read(newest.digest, at: 0, maximumCount: newest.byteCount)
        let rounds = try await storage.rounds(of: digest).map { try simulated($0, nodes: nodes, trained: trained) }
        return SimulationResult(
            finalModel: newest, finalModelBytes: bytes, rounds: rounds, nodes: nodes, coordinatorStarts: starts, virtualTime: time)
    }

    private func refusals(_ nodes: [SimulatedNodeReport]) -> String {
        let reasons = nodes.compactMap { node -> String? in
            switch node.end {
            case .planRefused(let reason), .budgetExhausted(let reason): "\(node.node): \(reason)"
            case .planEnded, .stopped: nil
            }
        }
        return reasons.isEmpty ? "The plan ended before it had a model." : "Nodes refused the plan. " + reasons.joined(separator: " ")
    }

    private func simulated(_ record: RoundRecord, nodes: [SimulatedNodeReport], trained: [TrainedUsers]) throws -> SimulatedRound {
        var model: ModelReference?
        var reason: String?
        switch record.state {
        case .published(let reference): model = reference
        case .abandoned(let why): reason = why.rawValue
        case .collecting, .aggregating: break
        }
        let own = model.map { model in nodes.flatMap { $0.reports.filter { $0.scorer == .model(model) } } } ?? []
        let users = own.reduce(0) { $0 + $1.users }
        // A node that died and trained again counts once; names order the addition.
        var losses: [NodeID: TrainedUsers] = [:]
        for event in trained where event.round == record.round { losses[event.node] = event }
        let ordered = losses.values.sorted { $0.node < $1.node }
        let trainedUsers = ordered.reduce(0) { $0 + $1.users }
        return SimulatedRound(
            round: record.round, model: model, abandonReason: reason, cohort: record.opening.cohort, contributors: record.updates.map(\.node).sorted(),
            loss: trainedUsers > 0 ? ordered.reduce(0) { $0 + $1.loss * Double($1.users) } / Double(trainedUsers) : nil,
            hitRateAt10: users > 0 ? own.reduce(0) { $0 + $1.hitsAt10 } / Double(users) : nil,
            ndcgAt10: users > 0 ? own.reduce(0) { $0 + $1.ndcgAt10 } / Double(users) : nil, evaluatedUsers: users,
            epsilonSpent: try epsilon(after: record.round.value), updateBytes: record.receivedByteCount, duration: record.duration ?? .zero)
    }

    /// ε at the plan's δ after so many attempts.
    private func epsilon(after attempts: Int) throws -> Double {
        guard let mechanism = plan.privacy.mechanism, let event = try plan.mechanismEvent(rounds: attempts, parameters: plan.recommender().layout.count) else {
            return 0
        }
        return try PrivacyAccountant.epsilon(of: [event], delta: mechanism.delta).epsilon
    }
}

extension LedgerBalance {
    init(_ entries: [LedgerEntry]) {
        self.init()
        for entry in entries {
            switch entry.state {
            case .reserved: reserved += 1
            case .sent: sent += 1
            case .cancelled: cancelled += 1
            }
        }
    }
}
