import DifferentialPrivacy
import Federation
import SeededRandom
import Simulator

/// Builds of the privacy core that are broken on purpose, one step each. They exist here only.
enum Sabotage: String, CaseIterable, Sendable {
    case noiseMissing, noiseTenTimesTooSmall, clipSkipped, shareDividedTwice, seedShared, wrongNormaliser

    /// The detector that has to notice it.
    var detector: String {
        switch self {
        case .noiseMissing, .noiseTenTimesTooSmall, .clipSkipped: AuditOutcome.lowerBound
        case .shareDividedTwice: AuditOutcome.variance
        case .seedShared: AuditOutcome.independence
        case .wrongNormaliser: AuditOutcome.scale
        }
    }

    func round(_ production: ProductionRound) -> any AuditedRound {
        switch self {
        case .noiseMissing: NoiseMissing(production: production)
        case .noiseTenTimesTooSmall: NoiseTenTimesTooSmall(production: production)
        case .clipSkipped: ClipSkipped(production: production)
        case .shareDividedTwice: ShareDividedTwice(production: production)
        case .seedShared: SeedShared(production: production)
        case .wrongNormaliser: WrongNormaliser(production: production)
        }
    }
}

struct NoiseMissing: AuditedRound {
    let production: ProductionRound
    func release(_ sum: [Int64], of node: Int, round: Int) throws -> [UInt8] {
        UpdateCodec(modulusBits: production.plan.privacy.grid.modulusBits).encode(sum)
    }
}

struct NoiseTenTimesTooSmall: AuditedRound {
    let production: ProductionRound
    func release(_ sum: [Int64], of node: Int, round: Int) throws -> [UInt8] {
        try production.release(sum, of: node, round: round, standardDeviation: production.nodeDeviation / 10)
    }
}

struct ClipSkipped: AuditedRound {
    let production: ProductionRound
    func add(_ delta: [Float], touched: Range<Int>, to sum: inout [Int64], stream: inout RandomStream) throws {
        try UserQuantizer(bound: .range(1000), scale: production.bound.scale, dimension: delta.count).add(delta, touched: [touched], to: &sum, stream: &stream)
    }
}

/// Divides the share's standard deviation by √k twice.
struct ShareDividedTwice: AuditedRound {
    let production: ProductionRound
    func release(_ sum: [Int64], of node: Int, round: Int) throws -> [UInt8] {
        let twice = NoiseShare.standardDeviation(total: production.nodeDeviation, guaranteed: production.setting.nodes)
        return try production.release(sum, of: node, round: round, standardDeviation: twice)
    }
}

/// All nodes draw from one stream; their names do not enter it.
struct SeedShared: AuditedRound {
    let production: ProductionRound
    func release(_ sum: [Int64], of node: Int, round: Int) throws -> [UInt8] { try production.release(sum, of: 0, round: round) }
}

/// Divides by the users that happened to take part, not by those declared.
struct WrongNormaliser: AuditedRound {
    let production: ProductionRound
    func modelChange(_ total: [Int64], present: Int) throws -> [Float] { try production.modelChange(total, users: present) }
}
