/// A share as the coordinator has it.
struct HeldShare: Sendable {
    var holder: MemberID
    var point: UInt8
    var value: SecretBytes
}

/// Rebuilds secrets from shares of which some may be wrong.
struct Reconstruction {
    enum Outcome {
        case found(SecretBytes)
        /// Fewer shares than the threshold.
        case tooFew
        /// No subset that was tried gives the published secret, and the shares do not agree with each other.
        case disputed
        /// More shares than the threshold lie on one polynomial, whose secret is not the published one: the dealer's doing.
        case dealtWrong
    }

    let threshold: Int
    /// Holders whose wrong share was found; theirs are used last.
    private(set) var liars: Set<MemberID>
    /// One survivor set, one set of weights for all its secrets.
    private var weights: [[UInt8]: LagrangeWeights] = [:]
    /// Subsets tried for one secret before giving up.
    private static let maximumAttempts = 20_000

    init(threshold: Int, liars: Set<MemberID>) {
        self.threshold = threshold
        self.liars = liars
    }

    /// - Parameters:
    ///   - shares: in the order of their points, one for each holder.
    ///   - isPublished: whether a secret is the one its owner has committed to.
    mutating func secret(from shares: [HeldShare], isPublished: (SecretBytes) -> Bool) -> Outcome {
        guard shares.count >= threshold else { return .tooFew }
        let preferred = shares.filter { !liars.contains($0.holder) } + shares.filter { liars.contains($0.holder) }
        let first = Array(preferred.prefix(threshold))
        let candidate = combine(first)
        if isPublished(candidate) { return .found(candidate) }
        guard shares.count > threshold else { return .disputed }

        var attempts = 0
        for leftOut in 1...(shares.count - threshold) {
            var chosen = Array(0..<leftOut)
            repeat {
                attempts += 1
                guard attempts <= Self.maximumAttempts else { return .disputed }
                let subset = Array(preferred.indices.filter { !chosen.contains($0) }.map { preferred[$0] }.prefix(threshold))
                let secret = combine(subset)
                if isPublished(secret) {
                    note(preferred, against: subset)
                    return .found(secret)
                }
            } while Self.next(&chosen, of: preferred.count)
        }
        return disagreeing(preferred, with: first).isEmpty ? .dealtWrong : .disputed
    }

    private mutating func combine(_ shares: [HeldShare]) -> SecretBytes {
        let points = shares.map(\.point)
        let known = weights[points] ?? LagrangeWeights(points: points)
        if weights.count < 64 { weights[points] = known }
        return known.combine(shares.map(\.value))
    }
    private mutating func note(_ all: [HeldShare], against good: [HeldShare]) { liars.formUnion(disagreeing(all, with: good)) }

    /// Holders whose share is not on the polynomial through the given ones.
    private func disagreeing(_ all: [HeldShare], with good: [HeldShare]) -> [MemberID] {
        let used = Set(good.map(\.point))
        return all.filter { !used.contains($0.point) }.filter { share in
            let implied = LagrangeWeights(points: good.map(\.point), at: share.point).combine(good.map(\.value))
            return implied.withBytes { implied in share.value.withBytes { !implied.elementsEqual($0) } }
        }.map(\.holder)
    }

    /// The next combination of `indices.count` out of `count`, in lexicographic order.
    private static func next(_ indices: inout [Int], of count: Int) -> Bool {
        var place = indices.count - 1
        while place >= 0, indices[place] == count - indices.count + place { place -= 1 }
        guard place >= 0 else { return false }
        indices[place] += 1
        for later in indices.indices where later > place { indices[later] = indices[later - 1] + 1 }
        return true
    }
}
