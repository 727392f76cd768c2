import AssayCapture
import AssayCore

extension Exchange {
    /// The start line and fields of the request. Throws `.damaged` with the exchange's id for a request
    /// that is no HTTP, which importers leave out.
    func requestHead() throws(AssayError) -> HTTPHead {
        do throws(AssayError) {
            return try HTTPMessage(request, role: .request).head
        } catch {
            throw AssayError(
                .damaged, "the request of exchange \(id) cannot be sent: \(error.message)",
                hint: "import the traffic again, which leaves such exchanges out and counts them",
                cause: error.cause)
        }
    }
}
