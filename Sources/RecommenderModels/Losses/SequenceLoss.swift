/// What the positions of a sequence are trained on.
public enum SequenceLoss: Sendable, Hashable {
    /// Cross-entropy over all V items.
    case crossEntropy
    /// Cross-entropy over the target and sampled negatives, with the logQ correction unless `logQ` is false. Negatives are
    /// shared by a batch and drawn from a public distribution (uniform without public item frequencies).
    case sampledSoftmax(negatives: Int, logQ: Bool)
    /// BPR-max with score regularisation (Hidasi and Karatzoglou 2018, eq. 10).
    case bprMax(negatives: Int, regularization: Float)
    /// −log σ(r) − Σ log(1 − σ(x)), r the target's score and x those of the negatives (Kang and McAuley 2018, section III.E).
    /// Negatives are shared by a batch, or each position draws its own among the items that are not its target.
    case binaryCrossEntropy(negatives: Int, shared: Bool)
    /// Generalised binary cross-entropy (Petrov and Macdonald 2023): (−β log σ(r) − Σ log(1 − σ(x))) / (k + 1) with
    /// β = α (t (1 − 1/α) + 1/α), α = k / (V − 1), t the calibration: 0 is the plain loss, 1 undoes the sampling.
    case generalizedBCE(negatives: Int, calibration: Float, shared: Bool)
    /// −Σ log σ(r − x) (Rendle et al. 2009) without its regulariser.
    case bpr(negatives: Int, shared: Bool)
}

extension SequenceLoss {
    /// K, the negatives that all sequences of a step share.
    var sharedNegatives: Int { negatives.shared }

    /// k, the negatives that every position draws for itself.
    var ownNegatives: Int { negatives.own }

    private var negatives: (shared: Int, own: Int) {
        switch self {
        case .crossEntropy: (0, 0)
        case .sampledSoftmax(let negatives, _), .bprMax(let negatives, _): (negatives, 0)
        case .binaryCrossEntropy(let negatives, let shared), .generalizedBCE(let negatives, _, let shared), .bpr(let negatives, let shared):
            shared ? (negatives, 0) : (0, negatives)
        }
    }

    func validate() throws {
        if self != .crossEntropy { try check(max(negatives.shared, negatives.own), in: 1...65_536, "the number of sampled negatives") }
        switch self {
        case .bprMax(_, let regularization): try check(weight: regularization, "the score regularization of BPR-max")
        case .generalizedBCE(_, let calibration, _):
            guard calibration >= 0, calibration <= 1 else {
                throw ModelError("the calibration of gBCE is \(calibration); choose a value from 0 to 1")
            }
        case .crossEntropy, .sampledSoftmax, .binaryCrossEntropy, .bpr: break
        }
    }
}
