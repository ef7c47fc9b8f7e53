package import Federation
import Foundation

extension Tributary_Federation_V1_ExchangeRequest {
    package init(_ exchange: AggregationExchange) {
        self.init()
        plan = Data(exchange.plan.bytes)
        round = UInt64(exchange.round.value)
        message = Data(exchange.message ?? [])
        received = UInt64(exchange.received)
        patienceMilliseconds = UInt32(WireField.milliseconds(exchange.patience, atMost: WireLimits.patience))
    }

    package func exchange() throws -> AggregationExchange {
        guard message.count <= AggregationExchange.maximumMessageByteCount else {
            throw WireFormatError("message has \(message.count) bytes; at most \(AggregationExchange.maximumMessageByteCount) are allowed")
        }
        return AggregationExchange(
            plan: try WireField.digest(plan, "plan"), round: try WireField.round(round, "round"), message: message.isEmpty ? nil : Array(message),
            received: try WireField.count(received, "received"),
            patience: try WireField.duration(milliseconds: UInt64(patienceMilliseconds), atMost: WireLimits.patience, "patience_milliseconds"))
    }
}

extension Tributary_Federation_V1_ExchangeResponse {
    /// As many of the messages as one answer holds; the others are asked for again.
    package init(_ mail: AggregationMail) {
        self.init()
        var room = WireLimits.messageByteCount - (64 << 10)
        for message in mail.messages {
            room -= message.count + 16
            guard room >= 0 else { return }
            messages.append(Data(message))
        }
        isOver = mail.isOver
    }

    package func mail() throws -> AggregationMail {
        for message in messages where message.count > AggregationMail.maximumMessageByteCount {
            throw WireFormatError("messages holds one of \(message.count) bytes; at most \(AggregationMail.maximumMessageByteCount) are allowed")
        }
        return AggregationMail(messages: messages.map { Array($0) }, isOver: isOver)
    }
}
