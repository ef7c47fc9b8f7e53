/// What is compared.
public enum BenchmarkTask: String, CaseIterable, Sendable {
    case sasrecCE50 = "sasrec-ce-50"
    case sasrecCE200 = "sasrec-ce-200"
    case sasrecBCE50 = "sasrec-bce-50"
    case gru4recCE = "gru4rec-ce"
    case gru4recSampled = "gru4rec-sampled"
    case privateWindow = "private-window"
    case privateUser = "private-user"
    case ials
    case bpr
    case sgns
    case searchFlat = "search-flat"
    case searchHNSW = "search-hnsw"

    /// The file in `Peers` that does the same.
    public var peerFile: String {
        switch self {
        case .sasrecCE50, .sasrecCE200, .sasrecBCE50: "torch_sasrec.py"
        case .gru4recCE, .gru4recSampled: "torch_gru4rec.py"
        case .privateWindow: "private_opacus.py"
        case .privateUser: "private_loop.py"
        case .ials: "implicit_als.py"
        case .bpr: "implicit_bpr.py"
        case .sgns: "gensim_sgns.py"
        case .searchFlat, .searchHNSW: "faiss_search.py"
        }
    }

    /// What is counted.
    public var unit: String {
        switch self {
        case .sasrecCE50, .sasrecCE200, .sasrecBCE50, .gru4recCE, .gru4recSampled: "targets"
        case .privateWindow, .privateUser: "windows"
        case .ials, .bpr: "interactions"
        case .sgns: "pairs"
        case .searchFlat, .searchHNSW: "queries"
        }
    }

    /// Positions of a window.
    public var length: Int { self == .sasrecCE200 ? 200 : 50 }

    public var searches: Bool { self == .searchFlat || self == .searchHNSW }

    /// Whether the two sides are to end at the same quality: same loss, same steps.
    public var comparesQuality: Bool {
        switch self {
        case .privateWindow, .privateUser, .searchFlat, .searchHNSW: false
        default: true
        }
    }
}
