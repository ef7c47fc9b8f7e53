#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Draws without replacement: of `population` nodes `marked` are marked, and `drawn` are drawn.
package struct Hypergeometric: Sendable {
    package let population, marked, drawn: Int

    private static func logBinomial(_ n: Int, _ k: Int) -> Double {
        // The Gamma function of the C library, whose sign is positive here.
        lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
    }
    private func probability(_ count: Int) -> Double {
        guard count >= 0, count <= drawn, count <= marked, drawn - count <= population - marked else { return 0 }
        return exp(Self.logBinomial(marked, count) + Self.logBinomial(population - marked, drawn - count) - Self.logBinomial(population, drawn))
    }
    /// P[marked among the drawn ≥ count], as a sum of its terms.
    package func atLeast(_ count: Int) -> Double {
        guard count > 0 else { return 1 }
        return stride(from: min(drawn, marked), through: count, by: -1).reduce(0) { $0 + probability($1) }
    }
}

/// Degrees and thresholds of random graphs, from exact tails (the bounds of Bell et al., CCS 2020, §3).
public struct NeighbourhoodSize: Sendable, Hashable {
    /// k: draws of other nodes.
    public let neighbours: Int
    /// t: more than these can be corrupt with probability at most 2⁻⁴⁰ for any honest node, and at least these survive but for 2⁻³⁰.
    public let threshold: Int

    package static let privacyExponent = -40.0
    package static let correctnessExponent = -30.0

    /// The smallest k, with the smallest t for it, such that over all honest nodes P[t or more of k random others corrupt] ≤ 2⁻⁴⁰ and
    /// P[fewer than t of them survive] ≤ 2⁻³⁰ (union bounds).
    /// - Parameters: corrupt and dropped nodes of n.
    /// - Returns: `nil` when no k below n does.
    public static func smallest(nodes n: Int, corrupt: Int, dropped: Int) -> NeighbourhoodSize? {
        precondition(n >= 2 && corrupt >= 0 && dropped >= 0 && corrupt < n && dropped < n, "some nodes are honest and some stay")
        let honest = Double(n - corrupt)
        for k in 2..<n {
            guard let t = threshold(nodes: n, corrupt: corrupt, drawn: k) else { continue }
            // Fewer than t survive: more than k − t of those drawn have dropped.
            let lost = Hypergeometric(population: n - 1, marked: dropped, drawn: k).atLeast(k - t + 1)
            if honest * lost <= exp2(correctnessExponent) { return NeighbourhoodSize(neighbours: k, threshold: t) }
        }
        return nil
    }

    /// The smallest t such that P[some honest node has t or more corrupt nodes among its `drawn`] ≤ 2⁻⁴⁰; `nil` when even all of them may be.
    package static func threshold(nodes n: Int, corrupt: Int, drawn k: Int) -> Int? {
        let tail = Hypergeometric(population: n - 1, marked: min(corrupt, n - 1), drawn: k)
        let bound = exp2(privacyExponent) / Double(n - corrupt)
        return (1...k).first { tail.atLeast($0) <= bound }
    }
}
