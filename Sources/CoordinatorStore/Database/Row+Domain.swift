internal import Federation
internal import GRDB

extension Row {
    /// - Throws: ``FederationError`` `.corrupted` when the text is no digest.
    func digest(_ column: String) throws -> Digest {
        let text: String = self[column]
        guard let digest = Digest(hex: text) else { throw damaged(column) }
        return digest
    }
    func optionalDigest(_ column: String) throws -> Digest? {
        guard let text: String = self[column] else { return nil }
        guard let digest = Digest(hex: text) else { throw damaged(column) }
        return digest
    }
    func node(_ column: String = "node") throws -> NodeID {
        let text: String = self[column]
        guard let node = NodeID(text) else { throw damaged(column) }
        return node
    }
    func time(_ column: String) -> WallTime { WallTime(milliseconds: self[column]) }
    func optionalTime(_ column: String) -> WallTime? {
        let milliseconds: Int64? = self[column]
        return milliseconds.map(WallTime.init(milliseconds:))
    }
    /// One of the words of an enumeration.
    func word<Word: RawRepresentable>(_ column: String, _ type: Word.Type = Word.self) throws -> Word where Word.RawValue == String {
        let text: String = self[column]
        guard let word = Word(rawValue: text) else { throw damaged(column) }
        return word
    }
    func damaged(_ column: String) -> FederationError {
        FederationError(.corrupted, "the coordinator's database holds an impossible value in the column \(column); restore it from a backup")
    }
}
