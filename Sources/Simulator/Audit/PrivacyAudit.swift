public import DifferentialPrivacy
import Federation
import SeededRandom

/// An empirical audit of a privacy claim: canary users go through clipping, rounding, noise and summing as a node's users do, and an attacker who sees what
/// the coordinator sees guesses which of them took part.
///
/// The bound on ε is one-run auditing; beside it stand tests of what a bound on ε cannot see with so few canaries. An audit finds faults; it proves no claim.
public struct PrivacyAudit: Sendable {
    public let setting: AuditSetting
    private let production: ProductionRound

    /// - Parameter noise: where the nodes' noise comes from.
    /// - Throws: `PrivacyError` when the claim cannot be met; ``SimulationError`` for a setting out of range.
    public init(_ setting: AuditSetting, noise: any NoiseSource) throws {
        guard setting.canaries >= 20, setting.nodes >= 1, setting.guessedShare > 0, setting.guessedShare <= 1 else {
            throw SimulationError(.invalidSetup, "An audit needs at least 20 canaries and one node, and guesses about a share of them in (0, 1].")
        }
        self.setting = setting
        production = try ProductionRound(setting, noise: noise)
    }

    /// One audit of the production steps.
    /// - Parameter seed: of the canaries and their coins.
    public func run(seed: UInt64) throws -> AuditOutcome { try Self.run(production, seed: seed) }

    /// One audit of the given steps.
    package static func run(_ round: some AuditedRound, seed: UInt64) throws -> AuditOutcome {
        let production = round.production
        let users = CanaryUsers(production.setting, dimension: production.quantizer.dimension, seed: seed)
        let nodes = production.setting.nodes
        let sums = try users.sums(of: round, nodes: nodes, seed: seed)
        let released = try Released(of: sums, by: round, index: 2 * Int(seed % 1_000_000) + 1)
        let silent = try Released(of: sums.map { [Int64](repeating: 0, count: $0.count) }, by: round, index: 2 * Int(seed % 1_000_000) + 2)
        let change = try round.modelChange(released.total, present: users.present)
        let bound = guess(users, released, production.setting)
        return AuditOutcome(
            seed: seed, claimedEpsilon: production.setting.epsilon, bound: bound,
            findings: [
                silent.varianceFinding(expected: production.nodeDeviation, isLocal: production.setting.noise == .local),
                silent.independenceFinding,
                scaleFinding(users, change, production),
            ])
    }

    /// The attacker's guesses: in for the highest scores, out for the lowest, equally many.
    private static func guess(_ users: CanaryUsers, _ released: Released, _ setting: AuditSetting) -> EmpiricalEpsilon {
        let scores = users.canaries.indices.map { index in
            switch setting.noise {
            case .local: users.score(index) { Double(released.byNode[users.canaries[index].node][$0]) }
            case .distributed: users.score(index) { Double(released.total[$0]) }
            }
        }
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        let half = setting.guesses / 2
        let correct = order.prefix(half).count { !users.canaries[$0].takesPart } + order.suffix(half).count { users.canaries[$0].takesPart }
        return EmpiricalEpsilon(canaries: setting.canaries, guesses: 2 * half, correct: correct, delta: setting.delta)
    }

    /// Whether the model moves by as much as the declared number of users says: the noise on spare coordinates, and the mean step along the directions of the
    /// canaries that took part, against what they must be; the smaller p-value, doubled.
    private static func scaleFinding(_ users: CanaryUsers, _ change: [Float], _ production: ProductionRound) -> SampleFinding {
        let perNode = Double(production.nodeDeviation) / production.bound.scale
        let deviation = perNode * Double(production.setting.nodes).squareRoot()
        // Change of the model times the declared users: the noised sum over users in real units.
        let declared = Double(production.setting.canaries)
        var squares = 0.0
        for coordinate in users.spare { squares += Double(change[coordinate]) * Double(change[coordinate]) }
        let spread = squares * declared * declared / (deviation * deviation)
        let noise = SampleStatistics.chiSquare(spread, degrees: users.spare.count)
        let present = users.canaries.indices.filter { users.canaries[$0].takesPart }
        let step = present.reduce(0.0) { $0 + users.score($1) { Double(change[$0]) } } * declared / Double(max(1, present.count))
        // Rounding shortens a canary by less than 0.1 % (GridChoice.maximumShrink).
        let excess = max(0, (step - AuditSetting.clip).magnitude - GridChoice.maximumShrink)
        let slope = SampleStatistics.twoSided(excess * Double(present.count).squareRoot() / deviation)
        return SampleFinding(name: AuditOutcome.scale, statistic: step, pValue: min(1, 2 * min(noise, slope)))
    }
}

/// What nodes sent in a round, as the coordinator reads it.
private struct Released {
    var byNode: [[Int64]]
    /// Centred modulo 2^b.
    var total: [Int64]

    init(of sums: [[Int64]], by round: some AuditedRound, index: Int) throws {
        let codec = UpdateCodec(modulusBits: round.production.plan.privacy.grid.modulusBits)
        var total = [Int64](repeating: 0, count: sums[0].count)
        byNode = []
        for (node, sum) in sums.enumerated() {
            let bytes = try round.release(sum, of: node, round: index)
            byNode.append(try codec.decode(bytes))
            try codec.add(bytes, to: &total)
        }
        self.total = total.map(codec.centred)
    }

    /// Of released sums over users that changed nothing: is the noise as wide as claimed? What one node sends in mode `local`, the sum otherwise.
    func varianceFinding(expected perNode: Int, isLocal: Bool) -> SampleFinding {
        let sample = isLocal ? byNode.flatMap { $0 } : total
        let variance = Double(perNode) * Double(perNode) * (isLocal ? 1 : Double(byNode.count))
        let spread = sample.reduce(0.0) { $0 + Double($1) * Double($1) } / variance
        return SampleFinding(name: AuditOutcome.variance, statistic: spread / Double(sample.count), pValue: SampleStatistics.chiSquare(spread, degrees: sample.count))
    }

    /// Of the same: is the noise of any two nodes uncorrelated? The largest correlation, with its p-value times the number of pairs.
    var independenceFinding: SampleFinding {
        var largest = 0.0
        var pairs = 0
        for first in byNode.indices {
            for second in byNode.indices where second > first {
                let (a, b) = (byNode[first], byNode[second])
                var products = (ab: 0.0, aa: 0.0, bb: 0.0)
                for index in a.indices {
                    let (x, y) = (Double(a[index]), Double(b[index]))
                    products.ab += x * y
                    products.aa += x * x
                    products.bb += y * y
                }
                let scale = (products.aa * products.bb).squareRoot()
                let correlation = scale > 0 ? products.ab / scale : 0
                if correlation.magnitude > largest.magnitude { largest = correlation }
                pairs += 1
            }
        }
        let p = SampleStatistics.twoSided(largest * Double(total.count).squareRoot())
        return SampleFinding(name: AuditOutcome.independence, statistic: largest, pValue: min(1, p * Double(max(1, pairs))))
    }
}
