/// A line that a side of a comparison writes; the contract is in `Peers/README.md`.
public struct TurnMessage: Codable, Sendable {
    public enum Event: String, Codable, Sendable { case ready, repetition, final, absent }

    public var event: Event
    /// Library and version.
    public var peer: String?
    public var threads: Int?
    /// Wall time of a repetition.
    public var seconds: Double?
    /// User and system time of a repetition, all threads.
    public var cpu: Double?
    public var units: Double?
    public var loss: Double?
    public var latencies: [Double]?
    public var ndcg: Double?
    public var recall: Double?
    /// Why a peer is absent.
    public var why: String?

    enum CodingKeys: String, CodingKey {
        case event, peer, threads, seconds, cpu, units, loss, latencies, why
        case ndcg = "ndcg@10"
        case recall = "recall@10"
    }

    public init(_ event: Event) { self.event = event }
}
