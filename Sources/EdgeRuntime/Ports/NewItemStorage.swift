public import Federation
public import Interactions

/// Items that the node's operator lists beside the catalogs of plans, so that they can be recommended before a plan knows them.
public protocol NewItemStorage: Sendable {
    /// Replaces the list; an empty one removes it.
    func setNewItems(_ list: Catalog) async throws
    /// The list; `nil` when there is none.
    func newItems() async throws -> Catalog?
    /// Names the content of the list without reading it; `nil` when there is none.
    func newItemsDigest() async throws -> Digest?
    /// The histories of users who have an event with one of the items: public ids in time order, the earliest first. Of more users
    /// than `limit` those who came last.
    func histories(meeting items: [String], limit: Int) async throws -> [[String]]
}
