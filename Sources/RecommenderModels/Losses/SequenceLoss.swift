/// What the positions of a sequence are trained on.
public enum SequenceLoss: Sendable, Hashable {
    /// Cross-entropy over all V items.
    case crossEntropy
    /// Cross-entropy over the target and sampled negatives, with the logQ correction unless `logQ` is false. Negatives are
    /// shared by a batch and drawn from a public distribution (uniform without public item frequencies).
    case sampledSoftmax(negatives: Int, logQ: Bool)
    /// BPR-max with score regularisation (Hidasi and Karatzoglou 2018, eq. 10).
    case bprMax(negatives: Int, regularization: Float)
}

extension SequenceLoss {
    /// K, the negatives that all sequences of a step share.
    var sharedNegatives: Int {
        switch self {
        case .crossEntropy: 0
        case .sampledSoftmax(let negatives, _), .bprMax(let negatives, _): negatives
        }
    }

    func validate() throws {
        switch self {
        case .crossEntropy: break
        case .sampledSoftmax(let negatives, _): try check(negatives, in: 1...65_536, "the number of sampled negatives")
        case .bprMax(let negatives, let regularization):
            try check(negatives, in: 1...65_536, "the number of sampled negatives")
            try check(weight: regularization, "the score regularization of BPR-max")
        }
    }
}
