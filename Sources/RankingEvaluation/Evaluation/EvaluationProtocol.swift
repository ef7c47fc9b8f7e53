/// Which items a relevant item is ranked among.
public enum CandidateRule: Sendable, Hashable, CustomStringConvertible {
    /// All items.
    case full
    /// The relevant item and that many others the user never met, drawn uniformly without repetition. Figures of this kind say
    /// little about a model and must not be compared with others (Krichene and Rendle 2020).
    case sampled(Int)

    public var description: String {
        switch self {
        case .full: "full"
        case .sampled(let count): "sampled:\(count)"
        }
    }

    /// Reads `full` or `sampled:N`; nil when it is neither.
    public init?(_ text: String) {
        if text == "full" {
            self = .full
        } else if text.hasPrefix("sampled:"), let count = Int(text.dropFirst("sampled:".count)), count >= 1 {
            self = .sampled(count)
        } else {
            return nil
        }
    }
}

/// What happens to items of the history.
public enum SeenRule: String, Sendable, Hashable, CaseIterable, Codable {
    /// They are no candidates (the relevant item always is one).
    case removed
    /// They are candidates: right where people come back to the same item.
    case kept
}

/// All that must be known to compare a figure with another; printed with every one.
public struct EvaluationProtocol: Sendable, Hashable, Codable {
    /// SHA-256 of the data file as stored, or of what else names the data, in hexadecimal.
    public var dataDigest: String
    /// Which users and events were kept.
    public var filter: String
    public var split: String
    /// `full` or `sampled:N`.
    public var candidates: String
    public var seen: SeenRule
    public var ties: String
    /// Of the sampled candidates, or nil when nothing was drawn.
    public var seed: UInt64?

    public init(dataDigest: String, filter: String, split: String, candidates: CandidateRule = .full, seen: SeenRule = .removed, seed: UInt64? = nil) {
        self.dataDigest = dataDigest
        self.filter = filter
        self.split = split
        self.candidates = candidates.description
        self.seen = seen
        self.ties = MidRank.ruleName
        self.seed = candidates == .full ? nil : seed
    }

    /// One line for under a table.
    public var summary: String {
        var parts = ["data \(dataDigest.prefix(12))", filter, split, "candidates \(candidates)", "seen \(seen.rawValue)", "ties \(ties)"]
        if let seed { parts.append("seed \(seed)") }
        return parts.joined(separator: " · ")
    }
}
