/// An authority of our own and what it signed, for servers on the loopback. All run from 2020 to 2150, and their keys
/// are open to everybody, here.
package enum TestCertificates {
    package enum Identity: CaseIterable, Sendable {
        /// For 127.0.0.1, by our own authority.
        case right
        /// By our own authority, for other.example.
        case otherName
        /// For 127.0.0.1, by nobody but itself.
        case selfSigned

        package var pem: String {
            switch self {
            case .right: TestCertificates.right
            case .otherName: TestCertificates.otherName
            case .selfSigned: TestCertificates.selfSigned
            }
        }
    }

    package static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBdzCCAR6gAwIBAgICEAAwCgYIKoZIzj0EAwIwIjEgMB4GA1UEAwwXcGlwZXNu
        YXAgdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjE1MDAxMDEwMDAw
        MDBaMCIxIDAeBgNVBAMMF3BpcGVzbmFwIHRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEsenfjRLONwgErHFo133GyYxIKGQ8OqCYcRZDVS2a
        1DxILcpfZ6W1DFsvw7oEJkHglDc5ar+EtsOC3MwIQc+0e6NCMEAwDwYDVR0TAQH/
        BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFG+FDWMZVf2e4HLf8rd4
        VQG/1m7FMAoGCCqGSM49BAMCA0cAMEQCIHpxx9N9ru1B4hcgXbeV19cB7VEkYyOQ
        gmsrafpena8rAiA9OPKjlNavqbVr6nbY+7d9b5bBTWJ1Nppl5EoewTcf0A==
        -----END CERTIFICATE-----
        """

    package static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqrjwL223F8WS1seV
        ciduQsWZh2zlbtTTkQNPryqFqy6hRANCAATzR8op1ftP2nWK/Lhf2fRxkhEPjzhX
        TeqSDG3iM+KfYQGMsl+n0HbRkShlB4XO9VGqyBxukrpSUchmSbUPn6Jf
        -----END PRIVATE KEY-----
        """

    private static let right = """
        -----BEGIN CERTIFICATE-----
        MIIBtjCCAVugAwIBAgICEAEwCgYIKoZIzj0EAwIwIjEgMB4GA1UEAwwXcGlwZXNu
        YXAgdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjE1MDAxMDEwMDAw
        MDBaMB8xHTAbBgNVBAMMFHBpcGVzbmFwIHRlc3Qgc2VydmVyMFkwEwYHKoZIzj0C
        AQYIKoZIzj0DAQcDQgAE80fKKdX7T9p1ivy4X9n0cZIRD484V03qkgxt4jPin2EB
        jLJfp9B20ZEoZQeFzvVRqsgcbpK6UlHIZkm1D5+iX6OBgTB/MAwGA1UdEwEB/wQC
        MAAwEwYDVR0lBAwwCgYIKwYBBQUHAwEwGgYDVR0RBBMwEYcEfwAAAYIJbG9jYWxo
        b3N0MB0GA1UdDgQWBBTEUEqQAT5DP7SLzmHYZbFWjjFDpTAfBgNVHSMEGDAWgBRv
        hQ1jGVX9nuBy3/K3eFUBv9ZuxTAKBggqhkjOPQQDAgNJADBGAiEAyfByOPkGxdhF
        KHj3J52MZhRXfb4Rlyp4NGUDM4qYaSwCIQD1mUtiNWFreGdIiN2O9YzGIEfV4/sz
        VgWH3G3SoMkpng==
        -----END CERTIFICATE-----
        """

    private static let otherName = """
        -----BEGIN CERTIFICATE-----
        MIIBszCCAVigAwIBAgICEAIwCgYIKoZIzj0EAwIwIjEgMB4GA1UEAwwXcGlwZXNu
        YXAgdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjE1MDAxMDEwMDAw
        MDBaMB8xHTAbBgNVBAMMFHBpcGVzbmFwIHRlc3Qgc2VydmVyMFkwEwYHKoZIzj0C
        AQYIKoZIzj0DAQcDQgAE80fKKdX7T9p1ivy4X9n0cZIRD484V03qkgxt4jPin2EB
        jLJfp9B20ZEoZQeFzvVRqsgcbpK6UlHIZkm1D5+iX6N/MH0wDAYDVR0TAQH/BAIw
        ADATBgNVHSUEDDAKBggrBgEFBQcDATAYBgNVHREEETAPgg1vdGhlci5leGFtcGxl
        MB0GA1UdDgQWBBTEUEqQAT5DP7SLzmHYZbFWjjFDpTAfBgNVHSMEGDAWgBRvhQ1j
        GVX9nuBy3/K3eFUBv9ZuxTAKBggqhkjOPQQDAgNJADBGAiEAss0p4/krDqn7IQlt
        HYUp8ipwWjzRRemwp3mkzbVaIfwCIQCQeArAQHbShl1GRzX9+TvEoNnZPClbv4gd
        PSyyhkg5UA==
        -----END CERTIFICATE-----
        """

    private static let selfSigned = """
        -----BEGIN CERTIFICATE-----
        MIIBkDCCATagAwIBAgICEAMwCgYIKoZIzj0EAwIwHzEdMBsGA1UEAwwUcGlwZXNu
        YXAgdGVzdCBzZXJ2ZXIwIBcNMjAwMTAxMDAwMDAwWhgPMjE1MDAxMDEwMDAwMDBa
        MB8xHTAbBgNVBAMMFHBpcGVzbmFwIHRlc3Qgc2VydmVyMFkwEwYHKoZIzj0CAQYI
        KoZIzj0DAQcDQgAE80fKKdX7T9p1ivy4X9n0cZIRD484V03qkgxt4jPin2EBjLJf
        p9B20ZEoZQeFzvVRqsgcbpK6UlHIZkm1D5+iX6NgMF4wDAYDVR0TAQH/BAIwADAT
        BgNVHSUEDDAKBggrBgEFBQcDATAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3Qw
        HQYDVR0OBBYEFMRQSpABPkM/tIvOYdhlsVaOMUOlMAoGCCqGSM49BAMCA0gAMEUC
        IAHAf8jrf3psOY8sLQL1QyG5lc3qOfZdYkdOfZ02dkB6AiEAp4fY6xsC+r9tAukw
        cGMgv0SU1Nt1+3zhDWzwI1yMRxo=
        -----END CERTIFICATE-----
        """
}
