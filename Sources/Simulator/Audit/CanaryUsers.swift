import SeededRandom

/// Users made up for an audit: each moves coordinates of its own by random signs, far beyond the clip, and takes part by a fair coin.
struct CanaryUsers {
    struct Canary {
        var node: Int
        var range: Range<Int>
        /// ±1 per coordinate of the range.
        var signs: [Float]
        var takesPart: Bool
    }
    let canaries: [Canary]
    /// d
    let dimension: Int

    init(_ setting: AuditSetting, dimension: Int, seed: UInt64) {
        var stream = RandomStream(seed: seed, "canaries")
        self.dimension = dimension
        canaries = (0..<setting.canaries).map { index in
            Canary(
                node: index % setting.nodes, range: index * AuditSetting.width..<(index + 1) * AuditSetting.width,
                signs: (0..<AuditSetting.width).map { _ in stream.bernoulli(0.5) ? 1 : -1 }, takesPart: stream.bernoulli(0.5))
        }
    }

    var present: Int { canaries.count { $0.takesPart } }
    /// Coordinates that no canary touches.
    var spare: Range<Int> { canaries.count * AuditSetting.width..<dimension }

    /// Every node's sum over the canaries that take part, each through the audited clipping and rounding.
    func sums(of round: some AuditedRound, nodes: Int, seed: UInt64) throws -> [[Int64]] {
        var sums = [[Int64]](repeating: [Int64](repeating: 0, count: dimension), count: nodes)
        var delta = [Float](repeating: 0, count: dimension)
        let scale = Float(AuditSetting.canaryNorm / Double(AuditSetting.width).squareRoot())
        for (index, canary) in canaries.enumerated() where canary.takesPart {
            for (offset, coordinate) in canary.range.enumerated() { delta[coordinate] = scale * canary.signs[offset] }
            var stream = RandomStream(seed: seed, "rounding").child(index)
            try round.add(delta, touched: canary.range, to: &sums[canary.node], stream: &stream)
            for coordinate in canary.range { delta[coordinate] = 0 }
        }
        return sums
    }

    /// Inner product of a released vector, given by its coordinates, with a canary's direction, of unit length.
    func score(_ index: Int, value: (Int) -> Double) -> Double {
        let canary = canaries[index]
        var total = 0.0
        for (offset, coordinate) in canary.range.enumerated() { total += value(coordinate) * Double(canary.signs[offset]) }
        return total / Double(AuditSetting.width).squareRoot()
    }
}
