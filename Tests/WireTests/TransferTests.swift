import Crypto
import Federation
import FederationGRPC
import FederationIdentity
import Foundation
import Testing
import X509

@Suite("The coordinator over mutual TLS")
struct TransferTests {
    @Test("a node enrols, asks, joins, polls, declines, and renews its certificate")
    func conversation() async throws {
        let federation = try TestFederation()
        let token = try await federation.authority.makeToken("berlin")
        let plan = Federation.Digest(of: [1])
        await federation.coordinator.offer(PlanOffer(encodedPlan: [1], catalogByteCount: 5))
        let model = ModelReference(round: 0, digest: Federation.Digest(of: [2]), byteCount: 1)
        let assignment = Assignment(work: .train(RoundAssignment(round: RoundNumber(1), model: model, timeLeft: .seconds(9))), newestModel: model, incarnation: 3)
        await federation.coordinator.assign(assignment)
        try await federation.serving { ports in
            let key = NodeKey()
            let enrolment = try await EnrolmentClient(endpoint: ports.enrolment, token: token, logger: federation.log.logger).enrol(key: key, aggregationKey: .init())
            #expect(enrolment.federationPort == ports.federation.port)
            try await federation.client(ports.federation, enrolment.credentials) { client in
                #expect(try await client.currentPlan() == PlanOffer(encodedPlan: [1], catalogByteCount: 5))
                try await client.join(JoinDeclaration(plan: plan, enrolledUsers: 100))
                #expect(try await client.nextAssignment(AssignmentPoll(plan: plan)) == assignment)
                try await client.decline(RoundNumber(1), of: plan, reason: .tooFewUsers)
                let error = await federationError { try await client.join(JoinDeclaration(plan: plan, enrolledUsers: 200)) }
                #expect(error?.code == .rejected)
                #expect(error?.message == "another declaration was made before")
                let newKey = NodeKey()
                let renewed = try await client.renewCertificate(for: newKey)
                #expect(renewed.identity.node == "berlin")
                #expect(renewed.certificate.serialHex != enrolment.credentials.certificate.serialHex)
                try await client.adopt(renewed)
                _ = try await client.currentPlan()
                try await federation.client(ports.federation, renewed) { _ = try await $0.currentPlan() }
            }
            #expect(await federation.coordinator.joins[NodeID("berlin")!]?.enrolledUsers == 100)
            #expect(await federation.coordinator.declines[NodeID("berlin")!] == .tooFewUsers)
        }
    }

    @Test("20 MiB come down whole although the stream breaks off three times")
    func download() async throws {
        let federation = try TestFederation()
        let content = bytes(20 << 20)
        let digest = await federation.coordinator.store(content)
        await federation.coordinator.breakTransfers(after: [3 << 20, 0, 5 << 20])
        let credentials = try await federation.credentials("berlin")
        try await federation.serving { ports in
            try await federation.client(ports.federation, credentials) { client in
                let collected = Collected()
                try await client.download(digest, from: 0) { await collected.add($0) }
                #expect(await Federation.Digest(of: collected.bytes) == digest)
                let offsets = await federation.coordinator.requests.filter { $0.contains("download") }
                #expect(offsets == ["berlin download 0", "berlin download \(3 << 20)", "berlin download \(3 << 20)", "berlin download \(8 << 20)"])

                let tail = Collected()
                try await client.download(digest, from: content.count - 10) { await tail.add($0) }
                #expect(await tail.bytes == Array(content.suffix(10)))
                #expect(await federationError { try await client.download(Federation.Digest(of: [9]), from: 0) { _ in } }?.code == .notFound)
            }
        }
    }

    @Test("an error of the receiver ends the download at once and comes back as it is")
    func receiverFails() async throws {
        struct Full: Error {}
        let federation = try TestFederation()
        let digest = await federation.coordinator.store(bytes(5 << 20))
        let credentials = try await federation.credentials("berlin")
        try await federation.serving { ports in
            try await federation.client(ports.federation, credentials) { client in
                await #expect(throws: Full.self) { try await client.download(digest, from: 0) { _ in throw Full() } }
                #expect(await federation.coordinator.requests.count == 1)
            }
        }
    }

    @Test("20 MiB go up whole although the stream breaks off midway, and continue at what is durable")
    func upload() async throws {
        let federation = try TestFederation()
        let content = bytes(20 << 20)
        let header = Self.header(content)
        await federation.coordinator.breakTransfers(after: [6_000_000, 3_000_000])
        let credentials = try await federation.credentials("berlin")
        try await federation.serving { ports in
            try await federation.client(ports.federation, credentials) { client in
                let status1 = try await client.uploadStatus(of: header)
                #expect(status1 == .incomplete(offset: 0))
                let status2 = try await client.upload(header, from: 0, source: MemorySource(bytes: content))
                #expect(status2 == .accepted)
                let status3 = try await client.uploadStatus(of: header)
                #expect(status3 == .accepted)
            }
        }
        #expect(await federation.coordinator.blobs[header.payload] == content)
        let uploads = await federation.coordinator.requests.filter { $0.contains("upload") }
        #expect(uploads.count == 3)
        #expect(uploads[0] == "berlin upload 0")
        #expect(Set(uploads).count == 3, "each attempt continues further on: \(uploads)")
    }

    @Test("an early decision of the coordinator reaches a node that is still sending")
    func earlyDecision() async throws {
        let federation = try TestFederation()
        let content = bytes(12 << 20)
        let credentials = try await federation.credentials("berlin")
        try await federation.serving { ports in
            try await federation.client(ports.federation, credentials) { client in
                let status4 = try await client.upload(Self.header(content, round: 99), from: 0, source: MemorySource(bytes: content))
                #expect(status4 == .rejected(.wrongRound))
            }
        }
    }

    @Test("bytes that do not have their digest are rejected, and a source that ends early is an error of the node")
    func wrongBytes() async throws {
        let federation = try TestFederation()
        let content = bytes(1000)
        let credentials = try await federation.credentials("berlin")
        try await federation.serving { ports in
            try await federation.client(ports.federation, credentials) { client in
                var header = Self.header(content)
                header.payload = Federation.Digest(of: [0])
                let status5 = try await client.upload(header, from: 0, source: MemorySource(bytes: content))
                #expect(status5 == .rejected(.digestMismatch))
                header = Self.header(content)
                header.payloadByteCount = 2000
                let error = await federationError { try await client.upload(header, from: 0, source: MemorySource(bytes: content)) }
                #expect(error?.code == .corrupted)
            }
        }
    }

    @Test("a transfer outlives a restart of the coordinator on the same port")
    func restart() async throws {
        var federation = try TestFederation()
        let content = bytes(4 << 20)
        let digest = await federation.coordinator.store(content)
        let credentials = try await federation.credentials("berlin")
        let first = federation
        let port = try await first.serving { ports in
            try await first.client(ports.federation, credentials) { _ = try await $0.currentPlan() }
            return ports.federation.port
        }
        federation.federationPort = port
        let second = federation
        // The client starts before the coordinator is back.
        try await second.client(Endpoint(host: "127.0.0.1", port: port), credentials, attempts: 40) { client in
            async let plan = client.currentPlan()
            try await second.serving { _ in
                #expect(try await client.currentPlan() == nil)
                let collected = Collected()
                try await client.download(digest, from: 0) { await collected.add($0) }
                #expect(await Federation.Digest(of: collected.bytes) == digest)
            }
            _ = try await plan
        }
    }

    static func header(_ content: [UInt8], round: Int = 1) -> UpdateHeader {
        UpdateHeader(plan: Federation.Digest(of: [1]), round: RoundNumber(round), baseModel: Federation.Digest(of: [2]), payload: Federation.Digest(of: content), payloadByteCount: content.count)
    }
}
