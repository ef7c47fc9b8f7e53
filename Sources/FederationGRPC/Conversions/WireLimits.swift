/// The sizes the wire allows; everything beyond is refused before it is stored.
public enum WireLimits {
    /// Payload bytes of one download or upload chunk.
    public static let chunkByteCount = 1 << 20
    /// One protobuf message; the transport refuses larger ones before reading them.
    public static let messageByteCount = 2 << 20
    /// The encoding of a plan.
    public static let planByteCount = 1 << 20
    /// The encoding of a roster; it travels beside the plan in one message.
    public static let rosterByteCount = (1 << 20) - (64 << 10)
    /// A node's signed message over its masked input: kind, sender, digest and signature.
    public static let maskedInputByteCount = 256
    /// Byte counts and offsets of catalogs, models and updates are below this.
    public static let byteCountBound = 1 << 40
    /// Rounds, users and other counts are below this, so that a double can hold them.
    public static let countBound = 1 << 53
    /// The longest long poll.
    public static let patience: Duration = .seconds(60)
    /// The longest wait that the coordinator may ask for, and the longest time left.
    public static let wait: Duration = .seconds(86_400)
    /// The HTTP/2 flow-control window; the default of 64 KiB would cap a 50 ms link at about 1 MiB/s.
    public static let windowByteCount = 8 << 20
}
