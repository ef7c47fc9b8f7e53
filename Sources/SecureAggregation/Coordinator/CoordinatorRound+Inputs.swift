extension CoordinatorRound {
    mutating func acceptInput(_ message: SignedMessage, payload: (digest: Hash256, byteCount: Int)?) throws {
        guard let payload, payload.byteCount == expectedPayloadByteCount, payload.digest.bytes == message.body else {
            throw AggregationAlarm(
                .input, "the payload is not the one that was signed: \(payload?.byteCount ?? 0) bytes where \(expectedPayloadByteCount) were expected", member: message.sender)
        }
        inputs[message.sender] = message
    }

    /// U3. What comes later is not in the sum, and its shares are not asked for.
    mutating func closeInputs() throws -> [CoordinatorAction] {
        let arrived = inputs.keys.sorted()
        try checkSize(arrived, "sent their masked input")
        guard keyed?.graph.holdsTogether(arrived) == true else {
            throw AggregationAlarm(.partition, "so many nodes in a row have dropped that the others do not hold together")
        }
        survivors = arrived
        stage = .consistency
        let bytes = SurvivorList(survivors: survivors).encoded()
        return [.entered(.consistency)] + survivors.map { .send($0, bytes) }
    }

    mutating func acceptSignature(_ message: SignedMessage) throws {
        guard message.body == SurvivorList.digest(of: survivors).bytes else {
            throw AggregationAlarm(.equivocation, "a signature on other survivors", member: message.sender)
        }
        signatures[message.sender] = message
    }

    /// t signatures are enough; nobody waits for the slowest.
    mutating func closeConsistency() -> [CoordinatorAction] {
        let signed = signatures.values.sorted { $0.sender < $1.sender }.map { ConsistencySignature(member: $0.sender, signature: $0.signature) }
        let request = UnmaskRequest(survivors: survivors, signatures: signed)
        self.request = request
        stage = .unmask
        let bytes = request.encoded()
        return [.entered(.unmask)] + survivors.map { .send($0, bytes) }
    }
}
