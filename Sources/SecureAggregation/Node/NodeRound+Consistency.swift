extension NodeRound {
    /// U3 → the node's one signature on it.
    mutating func survivorsListed(_ bytes: [UInt8], _ keyed: KeyedRound, _ open: OpenRound) throws -> [NodeAction] {
        let survivors = try SurvivorList(decoding: bytes).survivors
        try checkSet(survivors, within: open.dealers, keyed.configuration, "the list of survivors")
        guard keyed.graph.holdsTogether(survivors) else {
            throw AggregationAlarm(.partition, "so many nodes in a row have dropped that sums of parts could be told apart")
        }
        let message = try keyed.scope.signed(.consistency, body: SurvivorList.digest(of: survivors).bytes, by: identity)
        phase = .signed(keyed, open, survivors: survivors)
        return [.send(message)]
    }
}
