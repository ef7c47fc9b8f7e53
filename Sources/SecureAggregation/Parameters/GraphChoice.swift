#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Which pairs of nodes share a mask.
public enum GraphChoice: Sendable, Hashable {
    /// All pairs; up to 64 nodes.
    case complete
    /// A ring in random order, in which each node is joined to the `reach` next ones on either side.
    ///
    /// `windowSurvivors`: every run of `reach` nodes of the ring must hold so many survivors. With that many, some are honest but for
    /// probability 2⁻⁴⁰, so that no choice of dropouts cuts the ring of honest survivors into pieces whose sums would be seen one by one.
    /// `shareThreshold`: how many shares rebuild a secret.
    case ring(reach: Int, windowSurvivors: Int, shareThreshold: Int)

    /// Nodes up to which all pairs share a mask.
    public static let largestComplete = 64

    /// The complete graph up to 64 nodes; beyond, the smallest ring for so many corrupt and dropped nodes. It also stands when all the dropped
    /// ones are missing from the beginning, so that the corrupt ones are a larger part.
    /// - Throws: ``SecureAggregationError`` `.invalidParameter` when none is enough.
    public static func recommended(nodes: Int, collusion: Int, dropouts: Int) throws -> GraphChoice {
        guard nodes > largestComplete else { return .complete }
        /// The larger of the thresholds with all nodes and without the dropped ones.
        func threshold(_ drawn: Int) -> Int? {
            guard let all = NeighbourhoodSize.threshold(nodes: nodes, corrupt: collusion, drawn: drawn),
                let fewer = NeighbourhoodSize.threshold(nodes: nodes - dropouts, corrupt: collusion, drawn: drawn)
            else { return nil }
            return max(all, fewer)
        }
        let refused = SecureAggregationError(.invalidParameter, "no random graph of \(nodes) nodes stands \(collusion) colluding and \(dropouts) dropped nodes; lower one of them")
        guard collusion >= 0, dropouts >= 0, collusion + dropouts < nodes - 1, let smallest = NeighbourhoodSize.smallest(nodes: nodes, corrupt: collusion, dropped: dropouts) else { throw refused }
        for reach in smallest.neighbours..<max(smallest.neighbours + 1, 128) where 2 * reach < nodes - dropouts {
            guard let window = threshold(reach), let share = threshold(2 * reach) else { continue }
            let lost = Hypergeometric(population: nodes - 1, marked: dropouts, drawn: reach).atLeast(reach - window + 1)
            if Double(nodes) * lost <= exp2(NeighbourhoodSize.correctnessExponent), 2 * reach <= 254 {
                return .ring(reach: reach, windowSurvivors: window, shareThreshold: share)
            }
        }
        throw refused
    }

    /// Whether the graph protects n nodes of which c collude.
    func validate(nodes: Int, threshold: Int, collusion: Int) throws {
        switch self {
        case .complete:
            guard nodes <= 255 else { throw SecureAggregationError(.invalidParameter, "the complete graph has room for 255 nodes, not \(nodes)") }
        case .ring(let reach, let windowSurvivors, let shareThreshold):
            func refuse(_ what: String) -> SecureAggregationError { SecureAggregationError(.invalidParameter, "the graph of \(nodes) nodes \(what)") }
            guard reach >= 1, 2 * reach < nodes, 2 * reach <= 254 else { throw refuse("cannot join each to \(reach) on either side") }
            guard windowSurvivors <= reach, let window = NeighbourhoodSize.threshold(nodes: nodes, corrupt: collusion, drawn: reach), windowSurvivors >= window else {
                throw refuse("could be cut into pieces: of \(reach) nodes in a row more than \(windowSurvivors) must survive")
            }
            guard shareThreshold <= 2 * reach + 1, let share = NeighbourhoodSize.threshold(nodes: nodes, corrupt: collusion, drawn: 2 * reach), shareThreshold >= share else {
                throw refuse("lets \(shareThreshold) nodes rebuild a secret, which colluding neighbours may be")
            }
        }
    }

    func append(to writer: inout WireWriter) {
        switch self {
        case .complete: writer.append(UInt8(0))
        case .ring(let reach, let windowSurvivors, let shareThreshold):
            writer.append(UInt8(1))
            writer.append(UInt8(clamping: reach))
            writer.append(UInt8(clamping: windowSurvivors))
            writer.append(UInt8(clamping: shareThreshold))
        }
    }
    init(_ reader: inout WireReader) throws {
        switch try reader.integer(UInt8.self) {
        case 0: self = .complete
        case 1: self = .ring(reach: Int(try reader.integer(UInt8.self)), windowSurvivors: Int(try reader.integer(UInt8.self)), shareThreshold: Int(try reader.integer(UInt8.self)))
        default: throw reader.problem("names an unknown graph")
        }
    }
}
