package import DifferentialPrivacy
package import Federation
internal import Interactions
internal import LocalTraining
internal import RecommenderModels
internal import SeededRandom

/// The exact sum of a round over a node's users, on the grid, before it may leave.
///
/// Sensitivity in the private modes: D in L2 norm, under add/remove of one user with all of the user's events.
package struct LocalContribution: Sendable {
    /// d grid values.
    var sum: [Int64]
    /// With privacy `off`: training sequences (silo) or users (per user).
    var weight: Int
    var users: Int
    var clippedUsers: Int
    var lossSum: Double
    var targetCount: Int
    var meanLoss: Double? { targetCount > 0 ? lossSum / Double(targetCount) : nil }

    /// A sum that was made elsewhere, on its way out like any other.
    package init(sum: [Int64], users: Int) { self.init(sum: sum, weight: users, users: users, clippedUsers: 0, lossSum: 0, targetCount: 0) }

    private init(sum: [Int64], weight: Int, users: Int, clippedUsers: Int, lossSum: Double, targetCount: Int) {
        self.sum = sum
        self.weight = weight
        self.users = users
        self.clippedUsers = clippedUsers
        self.lossSum = lossSum
        self.targetCount = targetCount
    }

    /// Trains as the plan says. Everything drawn here is reproducible, except which users a Poisson sample takes: that choice is
    /// part of what protects them, so it comes from the noise source.
    static func train(
        _ round: RoundNumber, of standing: PlanStanding, data: TrainingData, base: ModelVersion, node: NodeID, noise: any NoiseSource
    ) async throws -> LocalContribution {
        let plan = standing.plan
        let stream = RandomStream(seed: plan.seed, "training").child(round.value)
        switch plan.training.unit {
        case .silo: return try await trainSilo(standing, data, base.parameters, stream.child(node.name))
        case .perUser:
            let selected = try sample(data.eligible, rate: plan.privacy.mechanism?.samplingRate ?? 1, round, standing.digest, node, noise)
            return try await trainUsers(standing, data, base, selected, stream)
        }
    }

    private static func trainSilo(
        _ standing: PlanStanding, _ data: TrainingData, _ parameters: [Float], _ stream: RandomStream
    ) async throws -> LocalContribution {
        let users = data.split.train.selecting(data.eligible)
        let update = try await standing.trainer.trainSilo(from: parameters, users: users, stream: stream)
        var sum = [Int64](repeating: 0, count: parameters.count)
        var rounding = stream.child("rounding")
        try quantizer(standing.plan, dimension: parameters.count)
            .add(update.delta, weight: Double(update.sequenceCount), to: &sum, stream: &rounding)
        return LocalContribution(
            sum: sum, weight: update.sequenceCount, users: data.eligible.count, clippedUsers: 0, lossSum: update.lossSum,
            targetCount: update.targetCount)
    }

    private static func trainUsers(
        _ standing: PlanStanding, _ data: TrainingData, _ base: ModelVersion, _ selected: [Int], _ stream: RandomStream
    ) async throws -> LocalContribution {
        let quantizer = try quantizer(standing.plan, dimension: base.parameters.count, clip: standing.plan.clip(at: base))
        let total = try await standing.trainer.trainUsers(
            from: base.parameters, users: data.split.train, selected: selected, stream: stream, quantizer: quantizer)
        if let range = standing.plan.privacy.nodeRange, let largest = total.sum.lazy.map(\.magnitude).max(), largest > range.magnitude {
            throw PrivacyError(.outOfRange, "A coordinate of this node's sum is \(largest) grid units, beyond the plan's range of \(range); widen the range or lower the local learning rate.")
        }
        // Whether each user was within the clip, +½ or −½, whoever the user is: the sum's last coordinate.
        var count: [Int64] = []
        if let adaptive = standing.plan.privacy.mechanism?.adaptiveClip, let bound = quantizer.clipping {
            count = [Int64(adaptive.half(bound)) * Int64(total.contributingUsers - 2 * total.clippedUsers)]
        }
        return LocalContribution(
            sum: total.sum + count, weight: total.contributingUsers, users: total.contributingUsers, clippedUsers: total.clippedUsers,
            lossSum: total.lossSum, targetCount: total.targetCount)
    }

    /// What clips and rounds every user of a round.
    /// - Parameter clip: the round's; `nil` is the plan's.
    package static func quantizer(_ plan: Plan, dimension: Int, clip: Double? = nil) throws -> UserQuantizer {
        let bound: UserQuantizer.Bound =
            switch plan.privacy.mode {
            case .local(let mechanism), .central(let mechanism), .distributed(let mechanism, _): .clip(mechanism.clip)
            case .off(let range): .range(range)
            }
        let groups = try plan.privacy.mechanism?.clipGroups(of: plan.recommender().layout) ?? []
        let stretch = if let planned = plan.privacy.mechanism?.clip, let clip { planned / clip } else { 1.0 }
        return try UserQuantizer(bound: bound, scale: plan.privacy.grid.scale, dimension: dimension, stretch: stretch, groups: groups)
    }

    /// Every user independently with probability `rate` (Poisson sampling); everyone at 1.
    private static func sample(
        _ users: [Int], rate: Double, _ round: RoundNumber, _ plan: Digest, _ node: NodeID, _ noise: any NoiseSource
    ) throws -> [Int] {
        guard rate < 1 else { return users }
        var stream = try noise.stream(for: NoisePurpose("sampling", plan.hex, node.name, "\(round)"))
        return try PoissonSampler(rate: rate).sample(userCount: users.count, from: &stream).map { users[$0] }
    }
}

extension LocalContribution {
    /// With this node's share of the noise, which is drawn anew for every attempt.
    /// - Throws: what the noise source throws, `PrivacyError`.
    func partlyNoised(for plan: Plan, round: RoundNumber, node: NodeID, noise: any NoiseSource) throws -> Update<PartlyNoised> {
        let gaussian = try DiscreteGaussian(standardDeviation: plan.privacy.noiseOnGrid() ?? 0)
        var stream = try noise.stream(for: NoisePurpose("noise", plan.digest.hex, node.name, "\(round)"))
        return try Update(sumOverUsers: sum).partlyNoised(with: gaussian, from: &stream)
    }

    /// The bytes that leave: with fresh noise in mode `local`, as they are where the plan trusts the coordinator.
    package func encoded(for plan: Plan, round: RoundNumber, node: NodeID, noise: any NoiseSource) throws -> [UInt8] {
        switch plan.privacy.mode {
        case .local:
            guard let sumNoise = try plan.noise() else { return [] }
            var stream = try noise.stream(for: NoisePurpose("noise", plan.digest.hex, node.name, "\(round)"))
            return try Update(sumOverUsers: sum).noised(with: sumNoise, from: &stream).encoded(on: plan.privacy.grid)
        case .distributed: throw FederationError(.failedPrecondition, "With privacy mode distributed an update leaves the node only under masks.")
        case .central: return try Update(sumOverUsers: sum).entrusted(under: plan.privacy).encoded(on: plan.privacy.grid)
        case .off: return try Update(weightedSum: sum, weight: weight).entrusted(under: plan.privacy).encoded(on: plan.privacy.grid)
        }
    }
}
