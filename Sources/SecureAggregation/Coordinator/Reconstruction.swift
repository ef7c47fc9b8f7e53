/// A share as the coordinator has it.
package struct HeldShare: Sendable {
    package var holder: MemberID
    package var point: UInt8
    package var value: SecretBytes

    package init(holder: MemberID, point: UInt8, value: SecretBytes) {
        self.holder = holder
        self.point = point
        self.value = value
    }
}

/// Rebuilds secrets from shares of which some may be wrong, and says what that proves about whom.
///
/// Wrong shares can be chosen so that they cancel in a set of t: the secret is right then, and honest shares seem not to fit. A polynomial is
/// therefore taken for the dealt one only when the published secret and so many shares lie on it that t of these points are honest. A share that is not on
/// it was changed by its holder or dealt wrong by its owner, and one such share proves neither. With at most c corrupt nodes a holder that contradicts more than
/// c owners is corrupt itself, and so is an owner that more than c holders contradict.
package struct Reconstruction {
    package enum Outcome {
        case found(SecretBytes)
        /// Fewer shares than the threshold.
        case tooFew
        /// No subset that was tried gives the published secret.
        case disputed
        /// All shares lie on one polynomial whose secret is not the published one, and t of them at least are of honest holders: the dealer's doing.
        case dealtWrong
    }

    let threshold: Int
    let collusion: Int
    /// For each owner whose dealt polynomial is certain, the holders whose share is not on it.
    package private(set) var disputes: [MemberID: Set<MemberID>] = [:]
    /// One survivor set, one set of weights for all its secrets.
    private var weights: [[UInt8]: LagrangeWeights] = [:]
    /// Holders whose shares are used last, because one did not fit before. Only the order of trials depends on it.
    private var suspects: Set<MemberID> = []
    private var secrets: [MemberID: SecretBytes] = [:]
    /// Subsets tried for one secret before giving up.
    private static let maximumAttempts = 20_000

    package init(threshold: Int, collusion: Int) {
        self.threshold = threshold
        self.collusion = collusion
    }

    /// Whether some set of shares did not give its secret.
    package var isIrregular: Bool { !suspects.isEmpty }

    /// Nodes that broke the protocol for certain, as long as at most c are corrupt.
    package var culprits: Set<MemberID> {
        let owners = disputes.filter { $0.value.count > collusion }.keys
        var contradicted: [MemberID: Int] = [:]
        for holders in disputes.values { for holder in holders { contradicted[holder, default: 0] += 1 } }
        return Set(owners).union(contradicted.filter { $0.value > collusion }.keys)
    }

    /// - Parameters:
    ///   - shares: in the order of their points, one for each holder.
    ///   - isPublished: whether a secret is the one its owner has committed to.
    package mutating func secret(of owner: MemberID, from shares: [HeldShare], isPublished: (SecretBytes) -> Bool) -> Outcome {
        guard shares.count >= threshold else { return .tooFew }
        let ordered = trustedFirst(shares)
        let first = combine(Array(ordered.prefix(threshold)))
        if isPublished(first) {
            secrets[owner] = first
            return .found(first)
        }
        var found: SecretBytes?
        let subset = firstSubset(of: ordered, attempts: Self.maximumAttempts) { weights, subset in
            let secret = Self.combine(subset, &weights)
            if isPublished(secret) { found = secret }
            return found != nil
        }
        if let found, let subset {
            secrets[owner] = found
            suspects.formUnion(Self.disagreeing(ordered, with: subset))
            return .found(found)
        }
        let certain = shares.count >= threshold + collusion && Self.disagreeing(ordered, with: Array(ordered.prefix(threshold))).isEmpty
        return certain ? .dealtWrong : .disputed
    }

    /// After all secrets are found: if some set of shares did not give one, finds out who contradicts whom, where that is certain.
    /// - Parameter shares: as they were given for each owner.
    package mutating func compare(_ shares: [MemberID: [HeldShare]]) {
        guard isIrregular else { return }
        let (threshold, collusion) = (threshold, collusion)
        for (owner, secret) in secrets {
            let ordered = trustedFirst(shares[owner] ?? [])
            var wrong: [MemberID] = []
            let dealt = firstSubset(of: ordered, attempts: 200) { weights, subset in
                guard Self.isSame(Self.combine(subset, &weights), secret) else { return false }
                wrong = Self.disagreeing(ordered, with: subset)
                // The secret and these shares, less c corrupt ones, are t honest points: they determine what was dealt.
                return ordered.count - wrong.count + 1 - collusion >= threshold
            }
            if dealt != nil, !wrong.isEmpty { disputes[owner] = Set(wrong) }
        }
    }

    private func trustedFirst(_ shares: [HeldShare]) -> [HeldShare] {
        shares.filter { !suspects.contains($0.holder) } + shares.filter { suspects.contains($0.holder) }
    }

    /// The first set of t shares that is accepted, leaving out none, one, two, … of those in front.
    private mutating func firstSubset(
        of shares: [HeldShare], attempts: Int, where accepts: (inout [[UInt8]: LagrangeWeights], [HeldShare]) -> Bool
    ) -> [HeldShare]? {
        guard shares.count >= threshold else { return nil }
        var left = attempts
        for leftOut in 0...(shares.count - threshold) {
            var chosen = Array(0..<leftOut)
            repeat {
                guard left > 0 else { return nil }
                left -= 1
                let subset = Array(shares.indices.filter { !chosen.contains($0) }.map { shares[$0] }.prefix(threshold))
                if accepts(&weights, subset) { return subset }
            } while Self.next(&chosen, of: shares.count)
        }
        return nil
    }

    private mutating func combine(_ shares: [HeldShare]) -> SecretBytes { Self.combine(shares, &weights) }
    private static func combine(_ shares: [HeldShare], _ weights: inout [[UInt8]: LagrangeWeights]) -> SecretBytes {
        let points = shares.map(\.point)
        let known = weights[points] ?? LagrangeWeights(points: points)
        if weights.count < 64 { weights[points] = known }
        return known.combine(shares.map(\.value))
    }

    /// Holders whose share is not on the polynomial through the given ones.
    private static func disagreeing(_ all: [HeldShare], with given: [HeldShare]) -> [MemberID] {
        let used = Set(given.map(\.point))
        return all.filter { !used.contains($0.point) }.filter { share in
            !isSame(LagrangeWeights(points: given.map(\.point), at: share.point).combine(given.map(\.value)), share.value)
        }.map(\.holder)
    }
    private static func isSame(_ a: SecretBytes, _ b: SecretBytes) -> Bool { a.withBytes { a in b.withBytes { a.elementsEqual($0) } } }

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
