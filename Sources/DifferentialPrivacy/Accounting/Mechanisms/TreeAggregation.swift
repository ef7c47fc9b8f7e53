/// What binary-tree aggregation (Kairouz et al. 2021) costs: noise z on every node of the tree, sensitivity 1 for one participation.
///
/// Unit: user; neighbouring relation: one user's contributions become zero. The whole tree is one Gaussian mechanism, whose squared
/// sensitivity is the sum over nodes of the square of the user's participations below it. A tree of T steps is the forest of complete binary
/// trees by T's binary digits.
package enum TreeAggregation {
    /// Trees restarted one after the other, the user at most once in each: Σ (⌊log₂ T⌋ + 1).
    /// - Parameter stepsPerTree: ≥ 1 each.
    package static func sensitivitySquared(stepsPerTree: [Int]) throws -> Double {
        guard !stepsPerTree.isEmpty, stepsPerTree.allSatisfy({ $0 >= 1 }) else { throw PrivacyError(.invalidParameter, "a tree has at least one step") }
        return Double(stepsPerTree.reduce(0) { $0 + Int.bitWidth - $1.leadingZeroBitCount })
    }

    /// One tree, the user at most `participations` times with at least `separation` steps between two of them: the largest sum over all such patterns.
    /// - Parameters: steps: T ≥ 1. participations: ≥ 1. separation: steps between, ≥ 0.
    /// - Throws: ``PrivacyError`` (`invalidParameter`) when a figure is out of range or the search would be too long.
    package static func sensitivitySquared(steps: Int, participations: Int, separation: Int) throws -> Double {
        guard steps >= 1, participations >= 1, separation >= 0 else {
            throw PrivacyError(.invalidParameter, "a tree needs at least one step and one participation, and no negative separation")
        }
        let gap = separation + 1
        let most = min(participations, (steps - 1) / gap + 1)
        if most == 1 { return try sensitivitySquared(stepsPerTree: [steps]) }
        // A program over blocks longer than the gap: margins left and right, participations and where they are divided.
        let size = Double(min(gap, steps))
        guard steps <= 1 << 24, size * size * size * Double(most * most) <= 2e10 else {
            throw PrivacyError(.invalidParameter, "the worst pattern of \(most) participations, \(separation) apart, in \(steps) steps takes too long to find; use shorter trees")
        }
        var search = PatternSearch(gap: gap)
        return Double(search.forest(steps: steps, participations: most))
    }
}

/// The worst pattern of participations by dynamic programming.
private struct PatternSearch {
    private struct State: Hashable {
        var level: Int
        var participations: Int
        var left: Int
        var right: Int
    }
    private let gap: Int
    private var known: [State: Int] = [:]
    private static let impossible = -1 << 40

    init(gap: Int) { self.gap = gap }

    /// The most that exactly k participations in a complete tree of 2^level leaves cost, when the first `left` and the last `right` leaves stay free.
    private mutating func tree(_ level: Int, _ k: Int, _ left: Int, _ right: Int) -> Int {
        if k == 0 { return 0 }
        let room = (1 << level) - left - right
        if room < 1 || (room - 1) / gap + 1 < k { return Self.impossible }
        if k == 1 { return level + 1 }
        let state = State(level: level, participations: k, left: left, right: right)
        if let value = known[state] { return value }
        let half = 1 << (level - 1)
        var best = max(tree(level - 1, k, max(left - half, 0), right), tree(level - 1, k, left, max(right - half, 0)))
        for first in 1..<k {
            for margin in 0..<min(half, gap) {
                let before = tree(level - 1, first, left, max(margin, right - half))
                if before < 0 { break }
                best = max(best, before + tree(level - 1, k - first, max(gap - 1 - margin, left - half), right))
            }
        }
        best = best < 0 ? Self.impossible : best + k * k
        known[state] = best
        return best
    }

    mutating func forest(steps: Int, participations: Int) -> Int {
        let levels = (0..<Int.bitWidth - 1).reversed().filter { steps >> $0 & 1 == 1 }
        var memory: [State: Int] = [:]
        func rest(_ search: inout PatternSearch, _ index: Int, _ k: Int, _ left: Int) -> Int {
            if k == 0 { return 0 }
            if index == levels.count { return Self.impossible }
            let state = State(level: index, participations: k, left: left, right: 0)
            if let value = memory[state] { return value }
            let size = 1 << levels[index]
            var best = max(rest(&search, index + 1, k, max(left - size, 0)), search.tree(levels[index], k, left, 0))
            for first in 1..<max(k, 1) {
                for margin in 0..<min(size, search.gap) {
                    let before = search.tree(levels[index], first, left, margin)
                    if before < 0 { break }
                    best = max(best, before + rest(&search, index + 1, k - first, max(search.gap - 1 - margin, 0)))
                }
            }
            memory[state] = best
            return best
        }
        return (1...participations).map { rest(&self, 0, $0, 0) }.max() ?? 0
    }
}
