<?php
// Asks for /<client> at each URL of URLS with the clients of PHP.
$clients = [
    'curl' => function ($url) {
        $curl = curl_init($url);
        curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
        if (curl_exec($curl) === false) throw new Exception(curl_error($curl));
    },
    'streams' => function ($url) {
        if (@file_get_contents($url) === false) throw new Exception(error_get_last()['message']);
    },
    'streams-context' => function ($url) {
        $context = stream_context_create(['http' => ['method' => 'GET']]);
        if (@file_get_contents($url, false, $context) === false) throw new Exception(error_get_last()['message']);
    },
];

foreach (explode(' ', getenv('CLIENTS')) as $name) {
    foreach (explode(' ', getenv('URLS')) as $base) {
        try {
            $clients[$name]($base . '/' . getenv('PREFIX') . $name);
        } catch (Exception $error) {
            fwrite(STDERR, getenv('PREFIX') . "$name $base: {$error->getMessage()}\n");
        }
    }
}
