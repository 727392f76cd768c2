extension String {
    /// This text with spaces after it up to `width` characters; longer text stays as it is.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
